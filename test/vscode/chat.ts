/** The chat and the inspector in the editor, used as a person uses them. */
import type { FrameLocator, Locator, Page } from "playwright-core";
import { webviewOf } from "./editor";

export const question =
  "Eve has 18 books. Dan has 6 more than Eve. Gus has half as many as Dan. Pam has 9 more than Gus. Oli has twice as many as Pam. How many books does Oli have?";

/** One that is thought about for long. */
export const longQuestion = question.replace(
  "How many books does Oli have?",
  "Ned has 3 fewer than Oli. Ava has 7 more than Ned. Hal has 5 fewer than Ava. How many books does Hal have?",
);

export const chatOf = (page: Page): FrameLocator => webviewOf(page, 0);
export const inspectorOf = (page: Page): FrameLocator => webviewOf(page, 1);
export const lastTurn = (page: Page): Locator => chatOf(page).locator(".turn").last();

/** Settles when the question stands in the conversation. */
export async function ask(page: Page, text = question): Promise<void> {
  const chat = chatOf(page);
  const box = chat.getByRole("textbox", { name: "Your question" });
  const turns = await chat.locator(".turn").count();
  await box.fill(text);
  await box.press("Enter");
  await chat.locator(".turn").nth(turns).waitFor();
}

/** Settles when some words of the thinking can be read. */
export async function midThought(page: Page): Promise<void> {
  await lastTurn(page)
    .locator(".thinkingTail p")
    .getByText(/\w+ \w+/)
    .waitFor();
}

/** What the last turn says once it has ended. */
export async function settled(page: Page): Promise<{ answer: string; figures: string }> {
  const turn = lastTurn(page);
  const footer = turn.locator(".answerFooter");
  await footer.getByText("tokens").first().waitFor();
  return { answer: await turn.locator(".markdown").innerText(), figures: await footer.innerText() };
}

/** Walks through a page by the keyboard alone, until what has the focus matches the selector. */
export async function tabTo(
  page: Page,
  view: FrameLocator,
  selector: string,
  key: "Tab" | "Shift+Tab",
): Promise<void> {
  const focused = view.locator(`${selector}:focus`);
  for (let presses = 0; presses < 60; presses++) {
    if ((await focused.count()) > 0) return;
    await page.keyboard.press(key);
  }
  throw new Error(`The key ${key} does not lead to ${selector}.`);
}
