/** What a preload is told of where it runs. */
export interface PreloadSurroundings {
  readonly channel: string;
  /** The name of the function that leads to the main process. */
  readonly binding: string;
  readonly preloadPath: string;
  readonly platform: string;
  readonly versions: Readonly<Record<string, string | undefined>>;
}
