// A real identity provider for the tests: https://github.com/panva/node-oidc-provider with its own log-in pages.
// `node provider.mjs FOLDER`: FOLDER has node_modules/oidc-provider. Prints its address, serves until it is killed.
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
const { default: Provider } = await import(
  pathToFileURL(`${folder}/node_modules/oidc-provider/lib/index.js`).href
);

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "gleaner",
        client_secret: "a secret & more",
        redirect_uris: ["http://127.0.0.1/api/v1/auth/oidc/callback"],
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["preferred_username"] },
    // Whoever types a name is that person; a name with "unverified" has an address nobody has made sure of.
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: `id-of-${id}`,
        preferred_username: id.split("@")[0],
        email: id,
        email_verified: !id.includes("unverified"),
      }),
    }),
  });
  // The tests' server listens on any port.
  provider.Client.prototype.redirectUriAllowed = (uri) =>
    /^http:\/\/127\.0\.0\.1:\d+\/api\/v1\/auth\/oidc\/callback$/.test(uri);
  server.on("request", provider.callback());
  console.log(issuer);
});
