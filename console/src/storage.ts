import type { EditorTab } from './config.ts';

/**
 * Storage of this page's own in `localStorage`. GraphiQL names its keys alike on every page, so whatever another
 * service on the same host and port once stored would hide the examples; so would our own of an older release.
 */
export function storageFor(contents: unknown): Storage {
  const prefix = `encircle:${fingerprint(JSON.stringify(contents))}:`;
  const keys = () => Object.keys(localStorage).filter(key => key.startsWith(prefix));
  return {
    get length() {
      return keys().length;
    },
    key: index => keys()[index]?.slice(prefix.length) ?? null,
    getItem: key => localStorage.getItem(prefix + key),
    setItem: (key, value) => localStorage.setItem(prefix + key, value),
    removeItem: key => localStorage.removeItem(prefix + key),
    clear: () => keys().forEach(key => localStorage.removeItem(key)),
  };
}

/** FNV-1a over the text: it only has to tell two sets of examples apart. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (const unit of text) {
    hash = Math.imul(hash ^ unit.codePointAt(0)!, 0x01000193);
  }
  return (hash >>> 0).toString(36);
}

/**
 * The tab to begin with: the one last worked in, else the first example. GraphiQL by itself fills only the query
 * editor from its tabs, so the first operation would stand there without its headers and variables.
 */
export function startingTab(storage: Storage, examples: EditorTab[]): EditorTab | undefined {
  try {
    const { tabs, activeTabIndex } = JSON.parse(storage.getItem('graphiql:tabState') ?? '');
    return tabs[activeTabIndex];
  } catch {
    return examples[0];
  }
}
