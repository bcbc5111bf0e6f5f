/** Everything a person can do, once: the palette, the shortcuts and the help sheet all read it here. */
export interface Command {
  readonly id: string;
  readonly name: string;
  /** Heading in the help sheet. */
  readonly group: CommandGroup;
  /** See keys.ts. */
  readonly keys: readonly string[];
  /** Absent where it always can be done. */
  readonly isEnabled?: () => boolean;
  readonly run: () => void;
}

export type CommandGroup = "Run" | "Steps and slots" | "Map" | "Go to" | "Window";
export const commandGroups: readonly CommandGroup[] = ["Run", "Steps and slots", "Map", "Go to", "Window"];

export class CommandRegistry {
  private readonly byId = new Map<string, Command>();
  private readonly byKey = new Map<string, Command>();

  /** Throws when an id or a key is taken: two commands on one key would both look right in the help sheet. */
  add(...commands: readonly Command[]): void {
    for (const command of commands) {
      if (this.byId.has(command.id)) throw new Error(`command ${command.id} is there twice`);
      this.byId.set(command.id, command);
      for (const key of command.keys) {
        const other = this.byKey.get(key);
        if (other !== undefined) throw new Error(`key ${key} is both ${other.id} and ${command.id}`);
        this.byKey.set(key, command);
      }
    }
  }

  all(): readonly Command[] {
    return [...this.byId.values()];
  }

  ofKey(key: string): Command | undefined {
    return this.byKey.get(key);
  }

  /** Does nothing for a command that cannot be done now. */
  run(id: string): void {
    const command = this.byId.get(id);
    if (command === undefined) throw new Error(`there is no command ${id}`);
    if (command.isEnabled?.() ?? true) command.run();
  }
}
