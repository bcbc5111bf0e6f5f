import type { RunRequest } from "../api/lab.ts";
import { generationChoice, generationNamed, type Generation } from "../model/features.ts";
import type { Overrides } from "../workload/parse.ts";
import { LabError } from "./errors.ts";

/** What a request says otherwise than the workload's file. */
export function overridesOf(request: RunRequest): Overrides {
  const { device, size, folio, swapSize, cpus, set } = request;
  return {
    own: set,
    ...(device !== undefined && { device }),
    ...(size !== undefined && { size }),
    ...(folio !== undefined && { folio }),
    ...(swapSize !== undefined && { swapSize }),
    ...(cpus !== undefined && { cpus }),
  };
}

/**
 * The generation whose model is to predict, whatever the guest is; null when the guest decides.
 *
 * @throws LabError `invalid` when there is none of that name
 */
export function forcedGeneration({ model }: Pick<RunRequest, "model">): Generation | null {
  if (model === undefined) return null;
  const generation = generationNamed(model);
  if (generation !== null) return generation;
  throw new LabError("invalid", { what: `there is no model of generation "${model}"`, where: "--model", next: `There are ${generationChoice()}.` });
}
