/**
 * The keys by which github.com signs what its own buttons and editor commit: the present one since 2024-01-16, the one
 * before it. They belong to nobody: such a signature says that GitHub made the commit, not who asked for it.
 */
export const WEB_FLOW_KEYS: readonly string[] = [
  '968479A1AFF927E37D1A566BB5690EEEBB952194',
  '5DE3E0509C47EA3CF04A42D34AEE18F83AFDEB23',
];
