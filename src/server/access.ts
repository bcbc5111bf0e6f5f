import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * Who may come in. Everybody on this machine can reach a port of it, and every page in a person's browser can make it ask
 * one. So: a token that is printed and good for once, a cookie that no script sees and no other site's page sends, and a
 * name and an origin that must be ours, whatever name somebody has made to point here.
 */
export class Access {
  private readonly port: number;
  private token: string | null = secret();
  private readonly session = secret();

  constructor(port: number) {
    this.port = port;
  }

  /** For a person, once. Null when it has been used. */
  get path(): string | null {
    return this.token === null ? null : `/?token=${this.token}`;
  }

  /** The cookie to set for the token; null for a wrong one, and for the right one the second time. */
  redeem(token: string): string | null {
    if (this.token === null || !same(token, this.token)) return null;
    this.token = null;
    return `${this.cookieName}=${this.session}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /** `header` is all cookies that a request has. */
  hasSession(header: string | undefined): boolean {
    const cookies = (header ?? "").split(";").map((cookie) => cookie.trim());
    return cookies.some((cookie) => cookie.startsWith(`${this.cookieName}=`) && same(cookie.slice(this.cookieName.length + 1), this.session));
  }

  /** A page of a name that somebody else has made to point at this machine says that name. */
  isOurHost(host: string | undefined): boolean {
    return host !== undefined && this.hosts.includes(host);
  }

  isOurOrigin(origin: string | undefined): boolean {
    return origin !== undefined && this.hosts.some((host) => origin === `http://${host}`);
  }

  get hosts(): readonly string[] {
    return [`127.0.0.1:${this.port}`, `localhost:${this.port}`];
  }

  /** Cookies are by host, whatever the port: two of us must not take each other's. */
  private get cookieName(): string {
    return `swaplab-${this.port}`;
  }
}

const secret = (): string => randomBytes(32).toString("base64url");

/** Takes as long for a near miss as for any other. */
function same(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
