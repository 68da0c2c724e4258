/** What the report may mention besides the verdict, for commands to copy. */
export interface ReportContext {
  /** Where the repository is fetched from, such as `https://github.com/acme/nixpkgs`; `null` for `.`, a local one. */
  readonly url: string | null;
  /** The pull request's number; `null` outside one. */
  readonly pull: number | null;
}
