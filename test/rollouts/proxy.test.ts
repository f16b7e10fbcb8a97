import assert from "node:assert/strict";
import { proxyOf } from "../../rollouts/proxy";

const proxy = "http://proxy.example:3128";

describe("the proxy on the way to a server", () => {
  const HTTPS_PROXY = proxy;
  for (const [what, server, env, found] of [
    ["HTTPS_PROXY for https", "https://prod.example", { HTTPS_PROXY }, proxy],
    [
      "https_proxy where that is empty",
      "https://a",
      { HTTPS_PROXY: "", https_proxy: proxy },
      proxy,
    ],
    ["HTTPS_PROXY where both are set", "https://a", { HTTPS_PROXY, https_proxy: "b" }, proxy],
    ["HTTP_PROXY for http", "http://prod.example", { HTTP_PROXY: proxy, HTTPS_PROXY: "b" }, proxy],
    ["one without a scheme", "https://a", { HTTPS_PROXY: "proxy.example:3128" }, proxy],
    ["one of SOCKS", "https://a", { HTTPS_PROXY: "socks5://p:1" }, "socks5://p:1"],
    ["none where both are empty", "https://a", { HTTPS_PROXY: "", https_proxy: "" }, undefined],
    ["none for http where only HTTPS_PROXY is set", "http://a", { HTTPS_PROXY }, undefined],
    ["none to this machine", "https://localhost:6443", { HTTPS_PROXY }, undefined],
    ["none to an address of this machine", "https://127.1.2.3", { HTTPS_PROXY }, undefined],
    ["none to this machine by IPv6", "https://[::1]:6443", { HTTPS_PROXY }, undefined],
    [
      "one to a name that begins as this machine's",
      "https://localhost.example",
      { HTTPS_PROXY },
      proxy,
    ],
    ["none where the address cannot be read", "prod.example", { HTTPS_PROXY }, undefined],
  ] as const) {
    it(`is ${what}`, () => assert.equal(proxyOf(server, env), found));
  }

  for (const [list, server, direct] of [
    ["*", "https://prod.example", true],
    ["prod.example", "https://prod.example", true],
    ["a.example, PROD.example ,", "https://prod.example", true],
    ["example", "https://prod.example", true],
    ["xample", "https://prod.example", false],
    [".prod.example", "https://prod.example", false],
    [".example", "https://prod.example", true],
    ["*.example", "https://prod.example", true],
    ["*.example", "https://example", false],
    ["prod.example:443", "https://prod.example", true],
    ["prod.example:6443", "https://prod.example", false],
    ["10.0.0.0/8", "https://10.1.2.3", true],
    ["10.0.0.0/8", "https://11.1.2.3", false],
    ["10.1.2.3:6443", "https://10.1.2.3:6443", true],
    ["10.1.2.3", "https://10.1.2.30", false],
    ["2001:db8::/32", "https://[2001:db8::1]", true],
    ["2001:db8::1", "https://[2001:db8::1]", true],
    ["[2001:db8::1]:443", "https://[2001:db8::1]", true],
    ["10.0.0.0/99, /", "https://10.1.2.3", false],
    ["", "https://prod.example", false],
  ] as const) {
    it(`is ${direct ? "none" : "used"} for ${server} with NO_PROXY="${list}"`, () => {
      const expected = direct ? undefined : proxy;
      assert.equal(proxyOf(server, { HTTPS_PROXY, NO_PROXY: list }), expected);
      assert.equal(proxyOf(server, { HTTPS_PROXY, NO_PROXY: "", no_proxy: list }), expected);
    });
  }
});
