// Chromium, as the tests of pages start it, and what they look for in it.
import {mkdirSync, mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {fileURLToPath} from "node:url";

import {chromium} from "playwright-core";

const SHOTS = fileURLToPath(
  new URL("../../../.out/screenshots", import.meta.url));
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic",
  "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"];

export class Chromium {
  async start(viewport) {
    mkdirSync(SHOTS, {recursive: true});
    this.profile = mkdtempSync(join(tmpdir(), "aerie-chromium-"));
    this.context = await chromium.launchPersistentContext(this.profile, {
      executablePath: "/usr/bin/chromium",
      args: FLAGS,
      headless: true,
      viewport,
    });
    this.context.setDefaultTimeout(20_000);
  }

  async stop() {
    await this.context?.close();
    if (this.profile) rmSync(this.profile, {recursive: true, force: true});
  }
}

// A file of .out/screenshots.
export function shotFile(name) {
  return join(SHOTS, `${name}.png`);
}

// What a page's console complains of, breaches of its policy among it; the list
// grows.
export function complaintsOf(page) {
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  return complaints;
}
