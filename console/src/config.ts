/** What the server tells the page at its start; `ConsoleConfig` in `src/http/console.rs` is its other end. */
export interface Config {
  endpoint: string;
  subscriptionEndpoint: string | null;
  tabs: ExampleTab[];
  notice: string | null;
}

/** An operation the page opens with. Its tab shows the name of the operation. */
export interface ExampleTab {
  name: string;
  query: string;
  variables: Record<string, unknown> | null;
  headers: Record<string, string> | null;
}

/** What GraphiQL calls a tab: the texts of its three editors. */
export interface EditorTab {
  query: string | null;
  variables: string | null;
  headers: string | null;
}

export async function loadConfig(): Promise<Config> {
  const response = await fetch(`${import.meta.env.BASE_URL}config.json`, { cache: 'no-store' });
  if (!response.ok) {
    throw new Error(`The server answered ${response.status} to the request for the page's settings. Is it still running?`);
  }
  return response.json();
}
