// A stand-in for the `vscode` module: as much of it as vscode-languageclient touches when it starts,
// watches and restarts a server in a plain node. What the user would see is told to `onShow`; whatever
// is not written here is an empty class, a no-op that returns a disposable, or a number.
'use strict';

const path = require('path');

class Disposable {
  constructor(dispose) { this.dispose = dispose || (() => {}); }
  static from(...all) { return new Disposable(() => all.forEach((one) => one.dispose())); }
}

class EventEmitter {
  constructor() {
    this.listeners = new Set();
    this.event = (listener, self) => {
      const bound = self ? listener.bind(self) : listener;
      this.listeners.add(bound);
      return new Disposable(() => this.listeners.delete(bound));
    };
  }
  fire(value) { for (const listener of [...this.listeners]) listener(value); }
  dispose() { this.listeners.clear(); }
}

class CancellationTokenSource {
  constructor() {
    this.token = { isCancellationRequested: false, onCancellationRequested: () => new Disposable() };
  }
  cancel() { this.token.isCancellationRequested = true; }
  dispose() {}
}

class Uri {
  constructor(scheme, authority, fsPath) { Object.assign(this, { scheme, authority, path: fsPath, fsPath, query: '', fragment: '' }); }
  static file(fsPath) { return new Uri('file', '', path.resolve(fsPath)); }
  static parse(text) {
    const url = new URL(text);
    return new Uri(url.protocol.slice(0, -1), url.host, decodeURIComponent(url.pathname));
  }
  with(change) { return Object.assign(new Uri(this.scheme, this.authority, this.fsPath), change); }
  toString() { return `${this.scheme}://${this.authority}${encodeURI(this.path)}`; }
  toJSON() { return this.toString(); }
}

class Position { constructor(line, character) { Object.assign(this, { line, character }); } }
class Range {
  constructor(a, b, c, d) {
    this.start = a instanceof Position ? a : new Position(a, b);
    this.end = a instanceof Position ? b : new Position(c, d);
  }
}
class CancellationError extends Error {}
class Diagnostic { constructor(range, message, severity) { Object.assign(this, { range, message, severity }); } }

class Kind {
  constructor(value) { this.value = value; }
  append(part) { return new Kind(this.value ? `${this.value}.${part}` : part); }
}

const never = () => new Disposable();

// Unknown names: `onDid…`, `register…` and `create…` are calls that give something to dispose of.
const lenient = (known) => new Proxy(known, { get: (object, name) => (name in object ? object[name] : never) });

const shown = new EventEmitter();
const show = (level) => (text) => { shown.fire({ level, text }); return Promise.resolve(undefined); };

const api = {
  version: '1.90.0',
  Disposable, EventEmitter, CancellationTokenSource, CancellationError, Uri, Position, Range, Diagnostic,
  DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 },
  ProgressLocation: { SourceControl: 1, Window: 10, Notification: 15 },
  CodeActionKind: new Proxy({}, { get: (_, name) => new Kind(name === 'Empty' ? '' : String(name).toLowerCase()) }),
  env: { language: 'en', appName: 'stand-in', openExternal: () => Promise.resolve(true) },
  commands: lenient({ executeCommand: () => Promise.resolve(undefined) }),
  languages: lenient({
    match: () => 10,
    createDiagnosticCollection: () => ({ set() {}, delete() {}, clear() {}, dispose() {}, forEach() {} }),
  }),
  workspace: lenient({
    textDocuments: [], notebookDocuments: [], workspaceFolders: [],
    getConfiguration: () => ({ get: (_, other) => other, has: () => false, inspect: () => undefined }),
    applyEdit: () => Promise.resolve(true),
    createFileSystemWatcher: () => ({ onDidCreate: never, onDidChange: never, onDidDelete: never, dispose() {} }),
    getWorkspaceFolder: () => api.workspace.workspaceFolders[0],
    asRelativePath: (uri) => uri.fsPath,
  }),
  window: lenient({
    visibleTextEditors: [], activeTextEditor: undefined,
    tabGroups: { all: [], onDidChangeTabs: never, onDidChangeTabGroups: never },
    showInformationMessage: show('info'), showWarningMessage: show('warning'), showErrorMessage: show('error'),
    withProgress: (_, task) => task({ report() {} }, new CancellationTokenSource().token),
    createOutputChannel: (name) => {
      const write = (text) => shown.fire({ level: 'output', text: String(text) });
      return { name, append: write, appendLine: write, clear() {}, show() {}, hide() {}, replace: write, dispose() {} };
    },
  }),
  // Not of VS Code: how the host hears what the user would see.
  onShow: shown.event,
};

// Classes that are only extended, and enumerations that are only compared.
module.exports = new Proxy(api, {
  get(object, name) {
    if (!(name in object) && typeof name === 'string' && /^[A-Z]/.test(name)) {
      object[name] = new Proxy(class {}, { get: (made, key) => (key in made ? made[key] : typeof key === 'string' ? key.length : undefined) });
    }
    return object[name];
  },
});
