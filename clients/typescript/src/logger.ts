/** Where an SDK's words go. Never payloads, tokens or assigns. */
export interface Logger {
  debug(line: string): void;
  info(line: string): void;
  error(line: string): void;
}

/** Lines of text to standard error; no debug lines. */
export const stderrLogger: Logger = {
  debug() {},
  info: (line) => console.error(`${new Date().toISOString()} info ${line}`),
  error: (line) => console.error(`${new Date().toISOString()} error ${line}`),
};
