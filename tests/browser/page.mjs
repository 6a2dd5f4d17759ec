// GraphiQL as a person uses it: tabs, the execute button, the response pane, the explorer.

const SLOWEST = 30_000;
/** GraphiQL reads the operation's name off the editor only after a pause, and nothing on the page tells when. */
const READING = 1_000;

export class GraphiqlPage {
  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(SLOWEST);
  }

  async open(url) {
    await this.page.goto(url);
    await this.ready();
  }

  /** Resolves once the editors stand and the schema has arrived. */
  async ready() {
    await this.page.locator('.graphiql-query-editor .view-line').first().waitFor();
    await this.page.locator('.graphiql-execute-button').waitFor();
    await this.page.locator('.graphiql-sidebar .graphiql-spinner, .graphiql-plugin .graphiql-spinner').waitFor({ state: 'detached' });
  }

  async tabs() {
    return (await this.page.locator('.graphiql-tab').allInnerTexts()).map(text => text.trim()).filter(Boolean);
  }

  async selectTab(name) {
    await this.page.locator('.graphiql-tab', { hasText: name }).locator('.graphiql-tab-button').click();
    await this.page.waitForTimeout(READING);
  }

  /** Presses the execute button and returns the answer on the wire and what the response pane shows of it. */
  async run(operation) {
    const answered = this.page.waitForResponse(
      response => response.request().method() === 'POST' && response.request().postDataJSON()?.operationName === operation,
    );
    await this.page.locator('.graphiql-execute-button').click();
    const body = await (await answered).json();
    const pane = this.page.locator('.graphiql-response .view-lines');
    await pane.getByText(Object.keys(body)[0]).first().waitFor();
    return { body, shown: (await pane.innerText()).replaceAll('\u00a0', ' ') };
  }

  /** Presses the execute button of a subscription, returns its first answer and what is shown of it, and ends it. */
  async watch() {
    const opened = this.page.waitForEvent('websocket');
    await this.page.locator('.graphiql-execute-button').click();
    const socket = await opened;
    const frame = await socket.waitForEvent('framereceived', frame => JSON.parse(frame.payload).type === 'next');
    const pane = this.page.locator('.graphiql-response .view-lines');
    await pane.getByText('data').first().waitFor();
    const shown = (await pane.innerText()).replaceAll('\u00a0', ' ');
    await this.page.locator('.graphiql-execute-button').click();
    return { body: JSON.parse(frame.payload).payload, shown };
  }

  /** Opens the explorer and returns the fields it offers at the root. */
  async explorerFields() {
    await this.page.getByRole('button', { name: /GraphiQL Explorer/ }).click();
    const fields = this.page.locator('.graphiql-explorer-root [data-field-name]');
    await fields.first().waitFor();
    return (await fields.evaluateAll(all => all.map(field => field.dataset.fieldName))).filter(Boolean);
  }
}
