import * as v from "valibot";
import data from "../../../vm-images/kernels.json" with { type: "json" };

const catalogueSchema = v.object({
  /** How Debian names the image packages that suit a virtual machine. */
  image: v.object({ prefix: v.string(), suffix: v.string(), architecture: v.string() }),
  series: v.array(v.object({ name: v.pipe(v.string(), v.regex(/^\d+\.\d+$/)), suites: v.pipe(v.array(v.string()), v.minLength(1)) })),
});

/**
 * The kernel series that can be fetched and the suites that carry them. Only series are named: exact
 * versions leave the archive when newer ones come.
 */
export const catalogue = v.parse(catalogueSchema, data);

/** A series such as 6.12, with the Debian suites that carry it. */
export type KernelSeries = (typeof catalogue.series)[number];

export function findSeries(name: string): KernelSeries | undefined {
  return catalogue.series.find((series) => series.name === name);
}
