export const REV = '1234567890123456789012345678901234567890';
export const NAR = 'sha256-/eDNx4f18bt41t8qiIBAiSYhcQAsUHOrsMDeyXvps9U=';

export interface NodeText {
  readonly inputs?: Readonly<Record<string, string | readonly string[]>>;
  readonly locked: Readonly<Record<string, unknown>>;
  readonly original: Readonly<Record<string, unknown>>;
  readonly info?: Readonly<Record<string, unknown>>;
}

/** An input as nix locks `github:acme/nixpkgs`. */
export const GITHUB: NodeText = {
  locked: { lastModified: 1, narHash: NAR, owner: 'acme', repo: 'nixpkgs', rev: REV, type: 'github' },
  original: { owner: 'acme', repo: 'nixpkgs', type: 'github' },
};

/** The nodes of a flake whose inputs are these, under their own names. */
export function nodesOf(nodes: Readonly<Record<string, NodeText>>): Readonly<Record<string, unknown>> {
  const inputs = Object.fromEntries(Object.keys(nodes).map((name) => [name, name]));
  return { ...nodes, root: { inputs } };
}

/** A lock file in the form of nix: two blanks a level, a line feed at its end. */
export function lockText(nodes: Readonly<Record<string, unknown>>, version = 7): string {
  return `${JSON.stringify({ nodes, root: 'root', version }, null, 2)}\n`;
}
