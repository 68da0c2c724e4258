import { describe, expect, test } from 'vitest';
import { conceal, normalUrl, parseRepositoryUrl } from '../../src/trust/url.ts';

const key = (text: string): string | null => normalUrl(text)?.key ?? null;

describe('a repository has one spelling to compare by', () => {
  test.each([
    'https://github.com/acme/nixpkgs',
    'https://github.com/acme/nixpkgs.git',
    'https://github.com/acme/nixpkgs/',
    'https://GitHub.com:443/Acme/Nixpkgs',
    'http://github.com/acme/nixpkgs',
    'git://github.com/acme/nixpkgs.git',
    'ssh://git@github.com/acme/nixpkgs',
    'ssh://git@GITHUB.com:22/acme/nixpkgs.git',
    'git+ssh://git@github.com/acme/nixpkgs',
    'git@github.com:acme/nixpkgs',
    'github.com:acme/nixpkgs.git',
    'git@github.com:/acme/nixpkgs',
    'github:acme/nixpkgs',
    'github:acme/nixpkgs/master',
    'git+https://github.com/acme/nixpkgs?ref=master&rev=abc&shallow=1',
    'https://token@github.com/acme/nixpkgs',
    'https://alice:secret@github.com/acme/nixpkgs',
  ])('%s', (text) => {
    expect(key(text)).toBe('github.com/acme/nixpkgs');
  });

  test.each([
    ['https://git.example.org/Acme/nixpkgs', 'git.example.org/Acme/nixpkgs'],
    ['https://git.example.org:8443/acme/nixpkgs', 'git.example.org:8443/acme/nixpkgs'],
    ['ssh://git@git.example.org:2222/acme/nixpkgs', 'git.example.org:2222/acme/nixpkgs'],
    ['http://127.0.0.1:3000/acme/nixpkgs', '127.0.0.1:3000/acme/nixpkgs'],
    ['https://[::1]/acme/nixpkgs', '[::1]/acme/nixpkgs'],
    ['git@git.sr.ht:~alice/nixpkgs', 'git.sr.ht/~alice/nixpkgs'],
    ['sourcehut:~alice/nixpkgs', 'git.sr.ht/~alice/nixpkgs'],
    ['gitlab:acme%2Fcore/nixpkgs/stable', 'gitlab.com/acme/core/nixpkgs'],
    ['github:acme/nixpkgs?host=github.example.org', 'github.example.org/acme/nixpkgs'],
    ['/srv/nixpkgs', 'file:///srv/nixpkgs'],
    ['/srv/../srv//nixpkgs/', 'file:///srv/nixpkgs'],
    ['file:///srv/nixpkgs', 'file:///srv/nixpkgs'],
    ['git+file:///srv/my%20fork?ref=stable', 'file:///srv/my fork'],
    ['/srv/my fork', 'file:///srv/my fork'],
    ['/srv/nixpkgs.git', 'file:///srv/nixpkgs.git'],
  ])('%s', (text, expected) => {
    expect(key(text)).toBe(expected);
  });

  test('other repositories stay others', () => {
    const keys = [
      'https://github.com/acme/nixpkgs',
      'https://github.com/acme/nixpkgs2',
      'https://github.com/acme/nixpkgs/tree',
      'https://github.com.example.org/acme/nixpkgs',
      'https://github.com@example.org/acme/nixpkgs',
      'https://example.org/github.com/acme/nixpkgs',
      '/github.com/acme/nixpkgs',
    ].map(key);
    expect(keys).not.toContain(null);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('the branch of a flake reference', () => {
  test.each([
    ['github:acme/nixpkgs', null],
    ['github:acme/nixpkgs/release-1/rc', 'release-1/rc'],
    [`github:acme/nixpkgs/${'a'.repeat(40)}`, null],
    ['github:acme/nixpkgs?ref=stable', 'stable'],
    ['git+https://github.com/acme/nixpkgs?ref=refs/heads/stable', 'stable'],
    ['https://github.com/acme/nixpkgs', null],
  ])('%s', (text, ref) => {
    expect(normalUrl(text)?.ref).toBe(ref);
  });

  test('two of them are none', () => {
    expect(normalUrl('git+https://github.com/acme/nixpkgs?ref=a&ref=b')).toBeNull();
  });
});

describe('what git is given', () => {
  test.each([
    ['https://alice:secret@github.com/acme/nixpkgs?access_token=secret', 'https://github.com/acme/nixpkgs'],
    ['https://secret@github.com/acme/nixpkgs.git', 'https://github.com/acme/nixpkgs.git'],
    ['ssh://git:secret@github.com/acme/nixpkgs', 'ssh://git@github.com/acme/nixpkgs'],
  ])('has nothing secret: %s', (text, fetch) => {
    expect(normalUrl(text)).toMatchObject({ fetch, concealed: true });
  });

  test.each([
    ['git@github.com:acme/nixpkgs', 'git@github.com:acme/nixpkgs'],
    ['github:acme/nixpkgs/master', 'https://github.com/acme/nixpkgs'],
    ['git+https://github.com/acme/nixpkgs?ref=master', 'https://github.com/acme/nixpkgs'],
    ['file:///srv/my%20fork', '/srv/my fork'],
  ])('is what it understands: %s', (text, fetch) => {
    expect(normalUrl(text)).toMatchObject({ fetch, concealed: false });
  });
});

describe('no repository', () => {
  test.each([
    '',
    '/',
    'nixpkgs',
    './nixpkgs',
    '../nixpkgs',
    'path:/srv/nixpkgs',
    'ext::sh -c id',
    'ext::sh',
    'fd::17/foo',
    '-oProxyCommand=id:acme/nixpkgs',
    'git@-oProxyCommand=id:acme/nixpkgs',
    'ssh://-oProxyCommand=id/acme/nixpkgs',
    'ssh://git@-host/acme/nixpkgs',
    'git@github.com:--upload-pack=id',
    'git@github.com:../nixpkgs',
    'https://github.com',
    'https://github.com/',
    'https:///acme/nixpkgs',
    'https://github.com/acme\\nixpkgs',
    'https://github.com/acme/nix pkgs',
    'https://github.com/acme/\u202enixpkgs',
    'https://github.com/acme/nixpkgs\n',
    'https://github.com/acme/nixpkgs\u0007',
    '/srv/\u001b[31mnixpkgs',
    'file:///srv/%1b[31mnixpkgs',
    'file:///srv/%00',
    'file://server/srv/nixpkgs',
    'github:nixpkgs',
    'github:acme/',
    'github:acme/nixpkgs?host=-evil',
    'gitlab:acme%1b/nixpkgs',
    'gitlab:acme%3fx/nixpkgs',
    'github:acme/nixpkgs?ref=%1b[31m',
    'git+https://github.com/acme/nixpkgs?ref=%e2%80%ae',
    'javascript://github.com/acme/nixpkgs',
    `https://github.com/${'a'.repeat(2000)}`,
  ])('%j', (text) => {
    const parsed = parseRepositoryUrl(text);
    expect(parsed.ok).toBe(false);
  });

  test('a refusal never repeats what may be a password', () => {
    const parsed = parseRepositoryUrl('https://alice:hunter2@github.com:port/acme');
    expect(parsed).toMatchObject({ ok: false });
    expect(JSON.stringify(parsed)).not.toContain('hunter2');
  });
});

describe('conceal', () => {
  test.each([
    [
      'url: https://alice:hunter2@github.com/a?token=hunter2',
      'url: https://*************@github.com/a?*************',
    ],
    ['https://alice:hun/ter2@host/a', 'https://**************@host/a'],
    ['git@github.com:acme/nixpkgs', 'git@github.com:acme/nixpkgs'],
    ['url: "https://hunter2@github.com/a" # b@c', 'url: "https://*******@github.com/a" # b@c'],
  ])('%s', (text, expected) => {
    expect(conceal(text)).toBe(expected);
    expect(conceal(text)).toHaveLength(text.length);
  });
});
