import { clusterSlotCount, x86_64 } from "../model/geometry.ts";
import { MapRecorder, mapMagic } from "../report/slot-maps/recording.ts";
import type { Observation } from "../workload/observation.ts";
import type { SwapState } from "../workload/swap-state.ts";
import type { BundleWriter } from "./bundle.ts";
import type { DoneStep } from "./steps.ts";

/** What is told of one step while the run goes on. A face that misses one has no use for those that follow. */
const toldBytesMax = 512 * 1024;

/** The slot maps of one run, on their way into its bundle. */
export class RunMaps {
  private readonly recorder = new MapRecorder(clusterSlotCount(x86_64));
  private readonly frames: Uint8Array[] = [];
  private isTold = true;

  /** Records a step. Gives back its frame as long as it is small enough to be told. */
  add({ observation, picture }: DoneStep, predicted: Observation, model: SwapState): Uint8Array | null {
    const kernel = picture === null ? null : { state: picture.state, placements: observation.placements };
    const frame = this.recorder.add({ state: model, placements: predicted.placements }, kernel);
    if (frame !== null) this.frames.push(frame);
    this.isTold &&= frame !== null && frame.length <= toldBytesMax;
    return this.isTold ? frame : null;
  }

  /** Why they are not complete, in a list; empty when they are. */
  get remarks(): readonly string[] {
    return this.recorder.stopped === "" ? [] : [this.recorder.stopped];
  }

  async write(bundle: BundleWriter): Promise<void> {
    await bundle.write("slot-maps.bin", Buffer.concat([mapMagic, ...this.frames]));
  }
}
