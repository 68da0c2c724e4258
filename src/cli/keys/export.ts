import { collectCertificates } from '../../core/identity/key-file.ts';
import { encodeAllowedSigners, NO_OPTIONS, type AllowedSigner } from '../../core/policy/allowed-signers.ts';
import { encodeCertificate } from '../../core/policy/edit-certificate.ts';
import { EXIT, type Io } from '../io.ts';
import { byPinned, ownersOf } from './certificate.ts';
import { KeysRefusal, runKeys } from './outcome.ts';
import { openPolicy, type OpenPolicy } from './policy.ts';
import { changeFiles } from './write.ts';
import { readSmall } from '../policy-place.ts';

export interface ExportOptions {
  readonly policy?: string;
  readonly format: string;
  readonly output?: string;
}

interface Exported {
  readonly text: string;
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
    const { text, notes } = make(await openPolicy(options.policy, io));
    if (options.output === undefined) io.out(text);
    else await writeOutput(io.path(options.output), text);
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
  return { text: encodeAllowedSigners(signers), notes: left === 0 ? [] : [note] };
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

async function writeOutput(path: string, text: string): Promise<void> {
  const before = await readSmall(path);
  await changeFiles([
    { path, bytes: new TextEncoder().encode(text), before: typeof before === 'string' ? null : before },
  ]);
}
