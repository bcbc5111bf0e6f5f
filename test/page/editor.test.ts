import { expect, test } from "vitest";
import type { Lab } from "../../src/api/lab.ts";
import { checkExperiment } from "../../src/lab/own-experiments.ts";
import { seriousFindings } from "./axe.ts";
import { pageOpener } from "./open-page.ts";
import { sampleLab, type SampleLab } from "./sample-lab.ts";

/** The lab's own check; what is saved is kept here. */

const open = pageOpener();
const brim = 'name = "brim"\ntitle = "to the brim"\n\n[[op]]\nop = "map"\nregion = "a"\nsize = "1M"\n\n[[op]]\nop = "fill"\nregion = "a"\n';

function editorLab(saved: Map<string, string>): SampleLab {
  const more: Partial<Lab> = {
    readExperiment: async (name) => ({ name, isOwn: saved.has(name), text: saved.get(name) ?? brim }),
    listOwnExperiments: async () => [...saved.keys()].map((name) => ({ name, title: "", problem: "" })),
    checkExperiment,
    saveExperiment: async (name, text) => {
      saved.set(name, text);
      return `/experiments/${name}.toml`;
    },
  };
  return sampleLab({ more });
}

test("a shipped experiment is copied; a mistake stands at its line and nothing runs; completion, Mod+S and Mod+Enter", async () => {
  const saved = new Map<string, string>();
  const lab = editorLab(saved);
  const page = await open(lab);
  page.setDefaultTimeout(8000);
  await page.getByRole("button", { name: "brim", exact: true }).click();
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  const field = page.getByRole("textbox", { name: "Workload file" });
  await field.waitFor();
  expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("brim-copy");
  await page.getByLabel("What it does").getByText("map a: 256 pages").waitFor();
  await page.keyboard.press("Control+End");
  await page.keyboard.type('\n[[op]]\nop = "pageo', { delay: 10 });
  await page.getByRole("option", { name: '"pageout"' }).waitFor();
  // A list that just opened is not answered yet: a key typed before it is no answer to it.
  await page.waitForTimeout(150);
  await page.keyboard.press("Enter");
  await page.getByText("Line 13: op 3 region: is missing").waitFor();
  expect(await page.locator(".cm-lint-marker-error").count()).toBe(1);
  expect(await page.getByRole("button", { name: "Run", exact: true }).isDisabled()).toBe(true);
  await page.keyboard.press("Control+Enter");
  expect(lab.requests).toEqual([]);
  await page.keyboard.press("Control+s");
  await expect.poll(() => saved.get("brim-copy")).toContain('op = "pageout"');
  await page.getByText("Saved", { exact: true }).waitFor();
  await page.keyboard.press("Control+End");
  await page.keyboard.type('\nregion = "a');
  await page.keyboard.press("Escape");
  await page.getByLabel("What it does").getByText("pageout a").waitFor();
  await page.keyboard.press("Control+Enter");
  await expect.poll(() => lab.requests.map(({ experiment }) => experiment)).toEqual(["brim-copy"]);
  await page.locator(".time-line-end .verdict").waitFor();
  expect(saved.get("brim-copy")).toContain('region = "a"\n\n[[op]]\nop = "pageout"\nregion = "a"');
});

test("what is not saved is not lost without a question, and another experiment is not replaced without one", async () => {
  const saved = new Map([["mine", brim.replace("brim", "mine")], ["other", brim]]);
  const page = await open(editorLab(saved));
  page.setDefaultTimeout(8000);
  await page.getByRole("button", { name: /^mine/ }).click();
  await page.keyboard.press("e");
  await page.getByRole("textbox", { name: "Workload file" }).waitFor();
  await page.getByLabel("Name", { exact: true }).fill("other");
  await page.getByRole("button", { name: "Close", exact: true }).click();
  const leave = page.getByRole("dialog", { name: "Leave the editor" });
  expect(await leave.innerText()).toContain("other is not saved");
  await leave.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const replace = page.getByRole("dialog", { name: "Replace an experiment" });
  await replace.getByRole("button", { name: "Cancel" }).click();
  expect(saved.get("other")).toBe(brim);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await replace.getByRole("button", { name: "Replace" }).click();
  await expect.poll(() => saved.get("other")).toContain('name = "other"');
  await page.getByText("Saved", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Close", exact: true }).click();
  await page.getByRole("button", { name: "Edit", exact: true }).waitFor();
});

test.each(["light", "dark"] as const)("axe finds nothing serious, %s", async (colorScheme) => {
  const page = await open(editorLab(new Map()), colorScheme);
  page.setDefaultTimeout(8000);
  await page.getByRole("button", { name: "New", exact: true }).click();
  await page.getByText(/^No mistake/).waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await page.keyboard.press("Control+End");
  await page.keyboard.type("si");
  await page.getByText(/^Line \d+/).waitFor();
  await page.locator(".cm-lint-marker-error").waitFor();
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByRole("button", { name: "Close", exact: true }).click();
  expect(await seriousFindings(page)).toEqual([]);
});
