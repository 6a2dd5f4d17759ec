import { explorerPlugin } from '@graphiql/plugin-explorer';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { useState } from 'react';
import type { Config, EditorTab, ExampleTab } from './config.ts';
import { startingTab, storageFor } from './storage.ts';

const plugins = [explorerPlugin({ showAttribution: false }), HISTORY_PLUGIN];

/** GraphiQL with the explorer, one tab an example. */
export function Console({ config }: { config: Config }) {
  const [setup] = useState(() => setUp(config));
  return (
    <GraphiQL
      {...setup}
      plugins={plugins}
      defaultEditorToolsVisibility="headers"
      // Examples that come with a token must still have it after a reload. Anyone else's tokens are only kept
      // when the person asks for it in the settings.
      shouldPersistHeaders={config.tabs.some(tab => tab.headers !== null)}
      showPersistHeadersSettings
    >
      <GraphiQL.Logo>Encircle</GraphiQL.Logo>
      {config.notice && (
        <GraphiQL.Footer>
          <p className="notice">{config.notice}</p>
        </GraphiQL.Footer>
      )}
    </GraphiQL>
  );
}

/** What must be made once only: GraphiQL takes another fetcher for another schema. */
function setUp(config: Config) {
  const examples = config.tabs.map(editorTab);
  const storage = storageFor(examples);
  const start = startingTab(storage, examples);
  return {
    fetcher: fetcherFor(config),
    storage,
    defaultTabs: examples,
    initialQuery: start?.query ?? '',
    initialVariables: start?.variables ?? '',
    initialHeaders: start?.headers ?? '',
  };
}

function fetcherFor({ endpoint, subscriptionEndpoint }: Config) {
  const subscriptionUrl = subscriptionEndpoint && new URL(subscriptionEndpoint, location.href.replace(/^http/, 'ws')).href;
  return createGraphiQLFetcher({ url: endpoint, ...(subscriptionUrl && { subscriptionUrl }) });
}

function editorTab({ query, variables, headers }: ExampleTab): EditorTab {
  return { query, variables: pretty(variables), headers: pretty(headers) };
}

function pretty(value: object | null): string {
  return value ? JSON.stringify(value, null, 2) : '';
}
