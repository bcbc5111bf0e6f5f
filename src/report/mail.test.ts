import fc from "fast-check";
import { expect, test } from "vitest";
import { actedUpon, hostileResult } from "../../test/hostile.ts";
import { failResult, invalidResult, lostResult, passResult } from "../../test/sample-results.ts";
import { resultMail } from "./mail.ts";
import { displayWidth } from "./text.ts";

test("a pass", () => {
  expect(resultMail(passResult(), false).join("\n")).toMatchInlineSnapshot(`
    "munmap-after-pageout   16 MiB in 64 kB folios, paged out, then unmapped

    pass   31 checks, 31 exact

    step     metric                        model       kernel
    pageout  pswpout                        4096         4096 =
             swpout 64kB                     256          256 =
             placement a             512 @ 16384  512 @ 16384 =  8 runs
    unmap    free_swap_and_cache_nr            8            8 =
             __try_to_reclaim_swap           256          256 =
             used, kB                          0            0 =
    and 25 more checks, all of which hold

    kernel    6.12.117+deb12-cloud-amd64 (Debian 6.12.117-1~deb12u1)
              per-order clusters, batched free
              sha256 3f0a3f0a3f0a3f0a
    model     6.12
    machine   QEMU 7.2.22, TCG, 1 vCPU, 1024 MiB
    swap      nvme, not rotating, 262144 kB
    with      size=16M folio=64kB
    verdict   1.4 s after the start
    run       2026-11-23-1, 2026-11-23T12:03:11.000Z

    npm start -- run munmap-after-pageout --kernel 6.12 --device nvme \\
        --folio 64kB --size 16M

    assumed: one vCPU
    assumed: the swap area is 65536 pages long"
  `);
});

test("a fail", () => {
  expect(resultMail(failResult(), false).join("\n")).toMatchInlineSnapshot(`
    "munmap-after-pageout   16 MiB in 64 kB folios, paged out, then unmapped

    fail   31 checks, 26 exact, 5 differ
    Model and kernel first differ in step 3 (pageout a pages 0..4095), in
    placement a. The model has page 1024 in slot 512, the kernel in slot
    49152.

    step     metric                         model       kernel
    pageout  placement a                512 @ 512  512 @ 49152 !=  page 1024
             swpout 64kB                        0          256 !=  +256
    unmap    free_swap_and_cache_nr             0            8 !=  +8
             __try_to_reclaim_swap              8          256 !=  +248
             __try_to_recl...swap returns  512 x8      16 x256 !=
    and 26 more checks, all of which hold

    kernel    6.12.117+deb12-cloud-amd64 (Debian 6.12.117-1~deb12u1)
              per-order clusters, batched free
              sha256 3f0a3f0a3f0a3f0a
    model     6.1 (forced, the guest is 6.12)
    machine   QEMU 7.2.22, TCG, 1 vCPU, 1024 MiB
    swap      nvme, not rotating, 262144 kB
    with      size=16M folio=64kB
    verdict   1.4 s after the start
    run       2026-11-23-2, 2026-11-23T12:03:11.000Z

    npm start -- run munmap-after-pageout --kernel 6.12 --device nvme \\
        --folio 64kB --size 16M --model 6.1

    assumed: one vCPU
    assumed: the swap area is 65536 pages long"
  `);
});

test("a lost and an invalid run say why", () => {
  expect(resultMail(lostResult(), false).join(" ")).toContain("The guest stopped answering during step 3 (pageout): nothing came for 30 s.");
  expect(resultMail(invalidResult(), false)).toContain("/sys/kernel/mm/transparent_hugepage/hugepages-64kB. Choose --folio");
});

test("all checks when asked for", () => {
  expect(resultMail(passResult(), true).filter((line) => / =( |$)/.test(line))).toHaveLength(31);
});

test("no line is wider than 72 columns, and nothing in it is acted upon", () => {
  fc.assert(
    fc.property(hostileResult, fc.boolean(), (result, all) => {
      for (const line of resultMail(result, all)) {
        expect(displayWidth(line)).toBeLessThanOrEqual(72);
        expect(line).not.toMatch(actedUpon);
      }
    }),
    { numRuns: 200 },
  );
}, 60_000);

test("a run that could not be kept says so", () => {
  expect(resultMail({ ...invalidResult(), run: "" }, false).join("\n")).toContain("run       not kept, 2026-");
});
