import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import '@graphiql/plugin-explorer/style.css';
import './console.css';
import { createRoot } from 'react-dom/client';
import { loadConfig } from './config.ts';
import { Console } from './Console.tsx';

const root = createRoot(document.getElementById('graphiql')!);

try {
  root.render(<Console config={await loadConfig()} />);
} catch (error) {
  root.render(<p className="loading">{error instanceof Error ? error.message : String(error)}</p>);
}
