/** Where this program lives: the one place that says so. Identifies the verifier in exports, and leads to the documents. */
export const PROJECT_URL = 'https://github.com/countersign/countersign';

/** The page of a document of the repository, such as `docs/findings.md`; `anchor` without its `#`. */
export function documentUrl(path: string, anchor?: string): string {
  const page = `${PROJECT_URL}/blob/main/${path}`;
  return anchor === undefined ? page : `${page}#${anchor}`;
}
