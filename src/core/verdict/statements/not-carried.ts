/** Why an approval of one head says nothing of the head that is judged. */
export type NotCarried =
  /** The policy wants every head reviewed. */
  | 'policy'
  /** What is judged is content that only the merge itself has. */
  | 'resolution'
  /** What the statement is about could not be read or compared: too far away, or not there. */
  | 'unknown'
  /** The signer saw another change than that head has. */
  | 'change'
  /** The signer compared with something that has not landed. */
  | 'base'
  /** The change began below what its signer reviewed: what had landed in between would come back with it. */
  | 'older'
  /** Re-creating the merge conflicts. */
  | 'conflict'
  /** Re-creating the merge gives something else. */
  | 'differs'
  /** It brings commits that the signer has not seen, and is neither a rebase by one person nor an update. */
  | 'commits'
  /** The signer wrote commits of that head. */
  | 'author'
  /** It is no approval: nothing else is carried over. */
  | 'kind';
