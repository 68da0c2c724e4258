import type { CertificateKey } from '../../core/identity/keyring.ts';
import { standingOf } from '../../core/identity/standing.ts';
import type { StandingProblem } from '../../core/identity/standing.ts';
import type { PresenceDemand } from '../../core/policy/policy.ts';
import type {
  Proof,
  ProofReason,
  ProofStatus,
  SignatureKind,
  SignerKey,
} from '../../core/signature/proof.ts';
import {
  reasonInWords,
  reasonRemedy,
  standingInWords,
  standingRemedy,
} from '../../core/verdict/catalogue/words.ts';
import type { Oid } from '../../core/object/id.ts';

/** What `countersign log --json` prints of a commit, with its keys in this order. */
export interface LogLine {
  readonly commit: Oid;
  readonly kind: SignatureKind;
  /** Cryptography alone. */
  readonly status: ProofStatus;
  /** Of the (sub)key that signed; for an unknown OpenPGP key what the signature says of it, a key id at worst. */
  readonly fingerprint: string | null;
  /** Of the OpenPGP certificate. */
  readonly primaryFingerprint: string | null;
  readonly person: string | null;
  /** Everything that speaks against the signature: empty for a good one by a key in good standing. */
  readonly findings: readonly LogFinding[];
}

export interface LogFinding {
  readonly code: ProofReason | StandingProblem | OwnCode;
  readonly message: string;
  readonly remedy: string | null;
}

type OwnCode =
  | 'commit-malformed'
  | 'commit-hash-mismatch'
  | 'web-flow-key'
  | 'key-shared'
  | 'not-touched'
  | 'not-verified'
  | 'mergetag-malformed'
  | 'mergetag-not-a-parent'
  | 'mergetag-bad'
  | 'mergetag-signer'
  | 'mergetag-too-many';

/** Whom a key speaks for. */
export interface Holder {
  /** `null` for a key that nobody has; several names share one key, so that it speaks for none of them. */
  readonly names: readonly string[];
  readonly webFlow: boolean;
  readonly presence: PresenceDemand;
  /** What its certificate says of it; `null` for an SSH key. */
  readonly certified: CertificateKey | null;
}

/** A commit after its signatures were verified, without its bytes. */
export type VerifiedCommit =
  | {
      readonly ok: true;
      readonly id: Oid;
      readonly subject: string;
      readonly proof: Proof;
      readonly mergetags: readonly VerifiedMergetag[];
      /** Tags beyond those that were looked at. */
      readonly moreMergetags: number;
    }
  | {
      readonly ok: false;
      readonly id: Oid;
      readonly problem: 'commit-malformed' | 'commit-hash-mismatch';
      readonly detail: string;
    };

export type VerifiedMergetag =
  | { readonly ok: true; readonly name: string; readonly isParent: boolean; readonly proof: Proof }
  | { readonly ok: false; readonly detail: string };

/** @param now the verifier's time, seconds since the epoch */
export function lineOf(commit: VerifiedCommit, holderOf: (key: SignerKey) => Holder, now: number): LogLine {
  if (!commit.ok) return brokenLine(commit);
  const { id, proof, mergetags, moreMergetags } = commit;
  const signer = proof.status === 'good' && proof.key !== null ? holderOf(proof.key) : null;
  return {
    commit: id,
    kind: proof.kind,
    status: proof.status,
    fingerprint: proof.key?.fingerprint ?? proof.issuer,
    primaryFingerprint: proof.key?.kind === 'openpgp' ? proof.key.primary : null,
    person: signer === null ? null : personOf(signer),
    findings: [
      ...(proof.reason === null ? [] : [reasonFinding(proof.reason)]),
      ...(signer === null ? [] : signerFindings(signer, proof, now)),
      ...mergetags.flatMap((tag) => mergetagFindings(tag, holderOf, now)),
      ...(moreMergetags === 0
        ? []
        : [finding('mergetag-too-many', `${moreMergetags} more merged tags were not looked at`)]),
    ],
  };
}

/** The one person that the key speaks for. A key that a certificate only claims to have is nobody's for that. */
export function personOf({ names, webFlow, certified }: Holder): string | null {
  const standing = certified?.standing;
  const confirmed =
    standing === undefined || (standing.binding === 'verified' && standing.backSignature === 'verified');
  return !webFlow && confirmed && names.length === 1 ? (names[0] ?? null) : null;
}

function brokenLine({ id, problem, detail }: Extract<VerifiedCommit, { ok: false }>): LogLine {
  const remedy =
    problem === 'commit-hash-mismatch'
      ? 'the object store is damaged or forged: fetch the commit anew into another clone'
      : 'make the commit again with an ordinary git';
  return {
    commit: id,
    kind: 'none',
    status: 'malformed',
    fingerprint: null,
    primaryFingerprint: null,
    person: null,
    findings: [finding(problem, detail, remedy)],
  };
}

function reasonFinding(reason: ProofReason): LogFinding {
  const words: Partial<Record<ProofReason, string>> = {
    unsigned: 'the commit is not signed',
    'key-unknown': 'the key that the signature names is not among the keys at hand',
  };
  return finding(
    reason,
    words[reason] ?? `the signature does not count: ${reasonInWords(reason)}`,
    reasonRemedy(reason),
  );
}

function signerFindings(holder: Holder, proof: Proof, now: number): LogFinding[] {
  const { claimedAt, expiresAt } = proof;
  const use = { at: now, landed: false, claimedAt, expiresAt };
  const problems = holder.certified === null ? [] : standingOf(holder.certified, use);
  const found = problems.map((code) => finding(code, standingInWords(code), standingRemedy(code)));
  if (holder.webFlow) {
    found.unshift(finding('web-flow-key', "the key is GitHub's own: it says that GitHub made the commit"));
  } else if (holder.names.length === 0) {
    found.unshift(
      finding(
        'key-unknown',
        'it is a good signature by a key that nobody here has',
        reasonRemedy('key-unknown'),
      ),
    );
  } else if (holder.names.length > 1) {
    found.unshift(
      finding(
        'key-shared',
        `one key under several names: ${holder.names.join(', ')}`,
        'take the key away from all but its owner: a key speaks for one person only',
      ),
    );
  } else found.push(...presenceFindings(holder.presence, proof));
  return found;
}

function presenceFindings(demand: PresenceDemand, { presence }: Proof): LogFinding[] {
  if (demand === 'none') return [];
  const remedy = 'make sure that nobody else used the hardware key, and sign again';
  if (presence?.touched !== true) {
    return [finding('not-touched', 'the hardware key was not touched for this signature', remedy)];
  }
  if (demand === 'touch' || presence.verified) return [];
  return [finding('not-verified', 'the hardware key asked for no PIN or fingerprint', remedy)];
}

function mergetagFindings(
  tag: VerifiedMergetag,
  holderOf: (key: SignerKey) => Holder,
  now: number,
): LogFinding[] {
  if (!tag.ok) return [finding('mergetag-malformed', `a merged tag cannot be read: ${tag.detail}`)];
  const found: LogFinding[] = [];
  if (!tag.isParent) {
    found.push(finding('mergetag-not-a-parent', `the merged tag ${tag.name} names no parent of the commit`));
  }
  const { status, reason, key } = tag.proof;
  if (status === 'good' && key !== null) {
    for (const { code, message, remedy } of signerFindings(holderOf(key), tag.proof, now)) {
      // That a stranger signed a tag, as upstream's are, is said by the line that shows it.
      if (code === 'key-unknown' || code === 'web-flow-key') continue;
      found.push(finding('mergetag-signer', `the merged tag ${tag.name}: ${message} (${code})`, remedy));
    }
  }
  if (reason !== null && (status === 'bad' || status === 'malformed')) {
    const words = `the signature of the merged tag ${tag.name} does not count: ${reasonInWords(reason)}`;
    found.push(finding(status === 'bad' ? 'mergetag-bad' : 'mergetag-malformed', words));
  }
  return found;
}

function finding(code: LogFinding['code'], message: string, remedy: string | null = null): LogFinding {
  return { code, message, remedy };
}
