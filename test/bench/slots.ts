import { generationNamed } from "../../src/model/features.ts";
import { runFor } from "./processor-time.ts";
import { SlotSequence } from "./slot-sequence.ts";

/*
 * The model's allocator in a process of its own, as order-lists.c is: what the engine has learnt of one generation is not
 * mixed with what it learnt of another, and no run of the lab has two.
 *
 *   bench-slots.mjs <slots of the area> <order> <milliseconds> <generation>
 *   prints: <checksum> <slots allocated and freed> <nanoseconds>
 */

/** Until what runs often is compiled. */
const warmUpMs = 200;

const [slots, order, durationMs, name] = process.argv.slice(2);
const generation = generationNamed(name ?? "");
if (generation === null) throw new Error(`there is no generation ${name}`);

const sequence = new SlotSequence(generation.features, Number(slots), Number(order));
sequence.playRound();
const { checksum } = sequence;
runFor(warmUpMs, () => sequence.playRound());
const slotsBefore = sequence.slotCount;
const { tookMs } = runFor(Number(durationMs), () => sequence.playRound());
process.stdout.write(`${checksum} ${sequence.slotCount - slotsBefore} ${Math.round(tookMs * 1e6)}\n`);
