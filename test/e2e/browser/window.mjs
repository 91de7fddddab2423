import assert from "node:assert/strict";

import {complaintsOf, shotFile} from "./chromium.mjs";

// A window in a room. What its console complains of fails the test.
export class Window {
  static async open(context, port, room, name) {
    const page = await context.newPage();
    const window = new Window(page);
    await page.goto(`http://127.0.0.1:${port}/#${room}`);
    await page.fill("#name", name);
    await window.seesState("connected");
    await page.getByText(`You are in ${room}.`).waitFor();
    return window;
  }

  constructor(page) {
    this.page = page;
    this.complaints = complaintsOf(page);
  }

  async says(text) {
    await this.page.fill("#text", text);
    await this.page.press("#text", "Enter");
  }

  async sees(text, who = null) {
    await this.page.locator("#messages li", {hasText: text}).waitFor();
    if (!who) return;
    const item = this.page.locator("#messages li", {hasText: text});
    assert.equal(await item.locator(".who b").textContent(), who);
  }

  async seesState(state) {
    await this.page.locator(`#state[data-state="${state}"]`).waitFor();
  }

  async shot(name) {
    await this.page.screenshot({path: shotFile(name)});
  }
}
