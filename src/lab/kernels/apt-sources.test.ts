import { expect, test } from "vitest";
import { debianArchives, sourcesFor } from "./apt-sources.ts";

const officialKeyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

const deb822 = `Types: deb
# a comment inside a stanza
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: ${officialKeyring}

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: ${officialKeyring}
`;

test("reads the deb822 form", () => {
  const archives = debianArchives([{ fileName: "debian.sources", text: deb822 }]);
  expect(archives.main).toEqual({ uri: "http://mirror.example/debian", signedBy: officialKeyring, checkValidUntil: "" });
  expect(archives.security?.uri).toBe("http://mirror.example/debian-security");
});

test("reads the one-line form, with options and comments", () => {
  const text = `# deb http://old.example/debian bookworm main
deb-src http://source.example/debian bookworm main
deb [ arch=amd64 check-valid-until=no ] http://snap.example/debian bookworm main contrib # trailing
deb http://sec.example/debian-security bookworm-security main
`;
  const archives = debianArchives([{ fileName: "sources.list", text }]);
  expect(archives.main).toEqual({ uri: "http://snap.example/debian", signedBy: officialKeyring, checkValidUntil: "no" });
  expect(archives.security?.uri).toBe("http://sec.example/debian-security");
});

test("takes no other vendor's archive, even when it uses a Debian suite name", () => {
  const text = `deb https://vendor.example/linux/debian bookworm stable
deb [signed-by=/usr/share/keyrings/vendor.gpg] https://vendor.example bookworm main
deb https://vendor.example/apt bookworm main
deb https://vendor.example/ubuntu jammy main
deb cdrom:[Debian GNU/Linux 12]/ bookworm main
`;
  expect(debianArchives([{ fileName: "a.list", text }])).toEqual({ main: null, security: null });
});

test("prefers the archive signed by Debian's keyring to one that is only called debian", () => {
  const text = `deb [signed-by=/etc/keys/company.gpg] http://first.example/debian bookworm main
deb [signed-by=${officialKeyring}] http://second.example/pool bookworm main
`;
  expect(debianArchives([{ fileName: "a.list", text }]).main?.uri).toBe("http://second.example/pool");
});

test("skips what the host has switched off", () => {
  const archives = debianArchives([{ fileName: "debian.sources", text: deb822.replace("Types: deb\n#", "Enabled: no\nTypes: deb\n#") }]);
  expect(archives.main).toBeNull();
  expect(archives.security).not.toBeNull();
});

test("finds the security archive beside the main one when the host does not name it", () => {
  const archives = debianArchives([{ fileName: "sources.list", text: "deb http://mirror.example/debian/ bookworm main\n" }]);
  expect(archives.security?.uri).toBe("http://mirror.example/debian-security");
});

test("keeps a key that stands in the entry itself", () => {
  const key = "\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc=\n -----END PGP PUBLIC KEY BLOCK-----";
  const text = `Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie\nComponents: main\nSigned-By:${key}\n`;
  const archives = debianArchives([{ fileName: "x.sources", text }]);
  expect(sourcesFor(archives, ["bookworm"], "amd64")).toContain(`Signed-By: ${key}`);
});

test("writes sources for just the suites wanted, each on its archive", () => {
  const archives = debianArchives([{ fileName: "debian.sources", text: deb822 }]);
  const sources = sourcesFor(archives, ["bookworm", "bookworm-security", "bookworm", "trixie-backports"], "amd64");
  expect(sources.split("\n\n")).toHaveLength(2);
  expect(sources).toContain("URIs: http://mirror.example/debian\nSuites: bookworm trixie-backports\n");
  expect(sources).toContain("URIs: http://mirror.example/debian-security\nSuites: bookworm-security\n");
  // What we write, we can read: the same archives come out.
  expect(debianArchives([{ fileName: "ours.sources", text: sources }])).toEqual(archives);
});
