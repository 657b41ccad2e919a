// Runs a real vscode-languageclient against the gopls on PATH, as a VS Code extension without its own
// error handler would: four restarts, and no fifth within three minutes.
//
//     NODE_PATH=…/node_modules:…/stand-in node host.js MODULE-FOLDER [--server-arg=ARG]…
//
// Writes one JSON object per line: {event: "state", from, to}, {event: "started", pid},
// {event: "message", level, text} for pop-ups, {event: "output", text} for the output channel.
// The line "stop" on stdin, or its end, stops the server as closing the window would.
'use strict';

const fs = require('fs');
const path = require('path');
const vscode = require('vscode');
const { LanguageClient, State } = require('vscode-languageclient/node');

const tell = (object) => process.stdout.write(JSON.stringify(object) + '\n');
const folder = path.resolve(process.argv[2]);
const flag = '--server-arg=';
const args = process.argv.slice(3).filter((word) => word.startsWith(flag)).map((word) => word.slice(flag.length));

vscode.onShow(({ level, text }) => tell(level === 'output' ? { event: 'output', text } : { event: 'message', level, text }));

const uri = vscode.Uri.file(folder);
vscode.workspace.workspaceFolders.push({ uri, name: path.basename(folder), index: 0 });
const file = vscode.Uri.file(path.join(folder, 'main.go'));
const text = fs.readFileSync(file.fsPath, 'utf8');
vscode.workspace.textDocuments.push({ uri: file, languageId: 'go', version: 1, getText: () => text, isClosed: false });

const client = new LanguageClient('gopls', 'gopls', { command: 'gopls', args, options: { cwd: folder } }, {
  documentSelector: [{ language: 'go', scheme: 'file' }],
});
const name = (state) => State[state];
client.onDidChangeState(({ oldState, newState }) => {
  tell({ event: 'state', from: name(oldState), to: name(newState) });
  if (newState === State.Running) tell({ event: 'started', pid: client._serverProcess && client._serverProcess.pid });
});

let stopping = false;
const stop = async () => {
  if (stopping) return;
  stopping = true;
  try {
    if (client.state !== State.Stopped) await client.stop();
  } catch (error) {
    tell({ event: 'error', text: String(error) });
  }
  process.exit(0);
};
process.stdin.setEncoding('utf8').on('data', (line) => line.includes('stop') && stop()).on('end', stop);

client.start().catch((error) => tell({ event: 'error', text: String(error && error.stack || error) }));
