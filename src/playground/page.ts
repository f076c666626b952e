import { readFile } from "node:fs/promises";
import { extname } from "node:path";

const folder = new URL("./page/", import.meta.url);

const contentTypes: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
};

/** A file of the page. Only plain names below the folder: no dots before a slash, no encoded ones. */
export async function servePageFile(name: string, origin: string): Promise<Response | undefined> {
  const type = contentTypes[extname(name)];
  if (type === undefined || !/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(name)) return undefined;
  const bytes = await readFile(new URL(name, folder)).catch(() => undefined);
  if (bytes === undefined) return undefined;
  return new Response(new Uint8Array(bytes), {
    headers: { "Content-Type": type, "Cache-Control": "no-cache", ...pageHeaders(origin) },
  });
}

function pageHeaders(origin: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "font-src 'self'",
    `connect-src 'self' ${origin.replace("http", "ws")}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    "Content-Security-Policy": policy.join("; "),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
  };
}
