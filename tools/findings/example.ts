import type { FindingCode, Findings } from '../../src/core/verdict/finding.ts';

/** For each code data as an evaluation gives it: one example, or one for each outcome that the code can have. */
export type Examples<Codes extends FindingCode> = {
  readonly [C in Codes]: readonly [Findings[C], ...Findings[C][]];
};

export const HEAD = '9c1d2e3f40516273849506a7b8c9dae0f1021324';
export const EARLIER = '3f2a1b0c9d8e7f60514233241506f7e8d9cabbac';
export const TIP = '21072f69d070761ef5020884d594166a3fb0b2a4';
export const STEP = 'cf9a0d6f65932642dbaff6f02bdd51487332052f';
export const FINGERPRINT = '6B61ECD76088748C70590D55E90A401336C8AAA9';
export const SUBKEY = '0A1B2C3D4E5F60718293A4B5C6D7E8F90A1B2C3D';
export const SSH = 'SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDcsY5hnNdNPjeZ0wM';
export const DIGEST = '2cc20c3b46ab3d0bf434903e9bc423d9556af53ea996708228ab29649c2c8a97';
