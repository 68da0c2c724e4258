import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { collectCertificates } from '../../core/identity/key-file.ts';
import { encodeAllowedSigners, NO_OPTIONS, type AllowedSigner } from '../../core/policy/allowed-signers.ts';
import { encodeCertificate } from '../../core/policy/edit-certificate.ts';
import { clean, shellWord } from '../../core/report/clean.ts';
import { NO_SUCH_FILE } from '../file-problem.ts';
import { EXIT, type Io } from '../io.ts';
import { byPinned, ownersOf } from './certificate.ts';
import { KeysRefusal, runKeys } from './outcome.ts';
import { openPolicy, type OpenPolicy } from './policy.ts';
import { changeFiles } from './write.ts';
import { readSmall } from '../small-file.ts';

export interface ExportOptions {
  readonly policy?: string;
  readonly format: string;
  readonly output?: string;
  readonly force?: boolean;
}

interface Exported {
  readonly text: string;
  readonly keys: number;
  readonly notes: readonly string[];
}

/** `countersign keys export`: the policy's keys in the form that git, ssh-keygen or gpg read. */
export function exportKeys(options: ExportOptions, io: Io): Promise<number> {
  return runKeys('export', {}, io, async () => {
    const make =
      options.format === 'openpgp' ? openpgp : options.format === 'allowed-signers' ? allowed : null;
    if (make === null) {
      throw new KeysRefusal(
        'usage',
        `\`${options.format}\` is no format: allowed-signers or openpgp`,
        null,
        EXIT.usage,
      );
    }
    const disk = await openPolicy(options.policy, io);
    const { text, keys, notes } = make(disk);
    if (options.output === undefined) io.out(text);
    else {
      const first = `# ${disk.policy.project}: written by countersign keys export --format ${options.format}\n`;
      await writeOutput(options.output, first, text, options, io);
      io.err(`${keys} ${keys === 1 ? 'key' : 'keys'} written to ${clean(options.output)}\n`);
    }
    for (const note of notes) io.err(`countersign keys export: ${note}\n`);
    return EXIT.pass;
  });
}

/** Bots sign commits alone, so they are no signers of statements. */
function allowed({ policy }: OpenPolicy): Exported {
  const signers: AllowedSigner[] = [];
  let left = 0;
  for (const { kind, name, keys } of ownersOf(policy)) {
    const namespaces = kind === 'bot' ? ['git'] : ['git', 'countersign@v1'];
    for (const pin of keys) {
      if (pin.kind === 'openpgp') left += 1;
      else {
        const key = `${pin.type} ${pin.blob}`;
        signers.push({ principals: [name], options: { ...NO_OPTIONS, namespaces }, key, comment: '' });
      }
    }
  }
  const note = `${left} OpenPGP ${left === 1 ? 'key' : 'keys'} left out: this format knows SSH keys only (\`--format openpgp\` for the others)`;
  return { text: encodeAllowedSigners(signers), keys: signers.length, notes: left === 0 ? [] : [note] };
}

function openpgp({ policy, files }: OpenPolicy): Exported {
  const pins = ownersOf(policy).flatMap(({ keys }) => keys);
  const { certificates } = collectCertificates(files);
  const wanted = pins.filter(({ kind }) => kind === 'openpgp').map(({ fingerprint }) => fingerprint);
  const found = wanted.flatMap((hex) =>
    certificates.filter(({ primary }) => primary.key.fingerprint === hex),
  );
  const keep = byPinned(policy);
  const text = found.map((certificate) =>
    Buffer.from(encodeCertificate(certificate, keep)).toString('latin1'),
  );
  const ssh = pins.length - wanted.length;
  const missing = wanted.length - found.length;
  return {
    text: text.join(''),
    keys: found.length,
    notes: [
      ...(missing === 0
        ? []
        : [`${missing} pinned certificates are not in .countersign/keys/ (\`countersign policy lint\`)`]),
      ...(ssh === 0
        ? []
        : [`${ssh} SSH ${ssh === 1 ? 'key' : 'keys'} left out (\`--format allowed-signers\`)`]),
    ],
  };
}

/**
 * Writes a file of our own. Its first line, a comment for ssh-keygen and no armor for gpg, is how the next export knows
 * that nobody else's work is lost.
 */
async function writeOutput(
  output: string,
  first: string,
  text: string,
  { force }: ExportOptions,
  io: Io,
): Promise<void> {
  const path = io.path(output);
  const folder = dirname(path);
  if (!(await isFolder(folder))) {
    throw new KeysRefusal(
      'folder-missing',
      `\`${output}\` cannot be written: there is no folder \`${folder}\``,
      `make it: \`mkdir -p ${shellWord(folder)}\``,
      EXIT.undetermined,
    );
  }
  const before = await readSmall(path);
  if (typeof before === 'string' && before !== NO_SUCH_FILE) {
    throw new KeysRefusal(
      'file-unwritable',
      `\`${output}\` is not replaced: ${before}`,
      'name another file',
      EXIT.undetermined,
    );
  }
  const bytes = new TextEncoder().encode(`${first}${text}`);
  if (typeof before === 'string') return changeFiles([{ path, bytes, before: null }]);
  if (force !== true && !new TextDecoder('latin1').decode(before).startsWith(first)) {
    throw new KeysRefusal(
      'file-not-ours',
      `\`${output}\` is there already, and no export of this policy in this format`,
      'name another file; or replace it: `--force`',
    );
  }
  return changeFiles([{ path, bytes, before }]);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isDirectory(),
    () => false,
  );
}
