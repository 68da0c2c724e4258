/** One signature and what is to be said of it. The form is explained in README.md. */
export interface SignatureVector {
  readonly name: string;
  readonly madeBy: string;
  /** Base64. */
  readonly payload: string;
  readonly armor: string;
  /** Armored. */
  readonly certificates: readonly string[];
  readonly namespace: 'git' | 'countersign@v1';
  readonly form: 'detached' | 'cleartext';
  readonly expect: SignatureExpectation;
}

export interface SignatureExpectation {
  readonly status: 'good' | 'bad' | 'unknown-key' | 'unsupported' | 'malformed' | 'unsigned';
  readonly reason: string | null;
  readonly kind: 'openpgp' | 'ssh' | 'x509' | 'none';
  readonly fingerprint: string | null;
  readonly primaryFingerprint: string | null;
  readonly presence: { readonly touched: boolean; readonly verified: boolean } | null;
  readonly standing: readonly Standing[];
}

export interface Standing {
  /** Seconds since the epoch. */
  readonly at: number;
  readonly landed: boolean;
  /** In alphabetical order. */
  readonly problems: readonly string[];
}

/** One file of certificates and what is to be read out of it. */
export interface CertificateVector {
  readonly name: string;
  readonly madeBy: string;
  /** Base64, whether armored or binary. */
  readonly file: string;
  readonly expect: {
    readonly unreadable: string | null;
    readonly certificates: readonly CertificateExpectation[];
  };
}

export interface CertificateExpectation {
  readonly primary: string;
  readonly userIds: readonly string[];
  readonly keys: readonly KeyExpectation[];
}

export interface KeyExpectation {
  readonly fingerprint: string;
  readonly algorithm: string;
  readonly bits: number;
  /** Seconds since the epoch. */
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revoked: { readonly at: number; readonly kind: 'hard' | 'soft' } | null;
  readonly standing: readonly Standing[];
}

/** A text and what it says as a batch of statements. */
export interface StatementTextVector {
  readonly name: string;
  /** Base64: the signed bytes. */
  readonly text: string;
  readonly expect: {
    /** The fields of each statement; null where the text is refused. */
    readonly says: readonly Readonly<Record<string, unknown>>[] | null;
    /** Where it is refused, from 1; null where it is not. */
    readonly line: number | null;
  };
}

/** A comment or a file, and the signed texts in it. */
export interface SignedStatementVector {
  readonly name: string;
  readonly madeBy: string;
  readonly source: string;
  /** Armored. */
  readonly certificates: readonly string[];
  readonly expect: {
    readonly signed: readonly {
      readonly form: 'detached' | 'cleartext';
      /** Base64. */
      readonly text: string;
      readonly says: readonly Readonly<Record<string, unknown>>[] | null;
      readonly status: 'good' | 'bad' | 'malformed';
      /** Good: fingerprint of the primary key in upper case, or the SSH key in base64. */
      readonly key: string | null;
    }[];
    readonly broken: readonly string[];
  };
}
