interface Template {
  readonly id?: string;
  readonly label?: string;
  readonly role?: string;
  readonly type?: string;
  readonly submenu?: readonly Template[];
  readonly click?: (item: MenuItem, window?: unknown, event?: object) => void;
}

/** Of a menu there is nothing to see; its items can be looked up and clicked. */
export class MenuItem {
  readonly id: string | undefined;
  readonly label: string;
  readonly role: string | undefined;
  readonly submenu: Menu | undefined;
  readonly click: (window?: unknown) => void;

  constructor(template: Template) {
    this.id = template.id;
    this.label = template.label ?? template.role ?? "";
    this.role = template.role;
    this.submenu = template.submenu === undefined ? undefined : Menu.buildFromTemplate(template.submenu);
    this.click = (window) => template.click?.(this, window, {});
  }
}

let applicationMenu: Menu | null = null;

export class Menu {
  readonly items: MenuItem[] = [];

  getMenuItemById(id: string): MenuItem | null {
    for (const item of this.items) {
      const found = item.id === id ? item : (item.submenu?.getMenuItemById(id) ?? null);
      if (found !== null) return found;
    }
    return null;
  }

  static buildFromTemplate(template: readonly Template[]): Menu {
    const menu = new Menu();
    for (const item of template) menu.items.push(new MenuItem(item));
    return menu;
  }

  static setApplicationMenu(menu: Menu | null): void {
    applicationMenu = menu;
  }

  static getApplicationMenu(): Menu | null {
    return applicationMenu;
  }
}
