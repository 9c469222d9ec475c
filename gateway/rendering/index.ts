/** Documents → sealed fax pages → files, in sandboxed children. */
export { RenderingError, type RenderingErrorCode } from './error.ts';
export { type ChildLimits, DEFAULT_LIMITS } from './limits.ts';
export { receivedPages } from './received-pages.ts';
export { type FileDocument, type FilePage, fileOfPages, renderFile } from './render-file.ts';
export { type SandboxKind, sandboxFinding } from './sandbox.ts';
export { createRenderer, type RendererOptions } from './sandboxed-renderer.ts';
