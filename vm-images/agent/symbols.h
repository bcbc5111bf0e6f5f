/* Finding names in /proc/kallsyms: all that are wanted in one pass, because a pass takes long under emulation. */
#ifndef SYMBOLS_H
#define SYMBOLS_H

#include <stdbool.h>

#include "limits.h"

struct wanted {
	char name[SYMBOL_BYTES];
	/* What the kernel calls it: the name itself, or with a compiler's suffix. Empty: not there. */
	char symbol[SYMBOL_BYTES];
	unsigned long long address;
	/*
	 * Functions that go by the name: several static ones, or copies that the compiler specialised. A probe
	 * on one of them would count a part and look like the whole.
	 */
	int function_count;
	/* Which of the asked-for uses apply. */
	bool as_symbol, as_probe, as_return;
};

enum use {
	USE_SYMBOL,
	USE_PROBE,
	USE_RETURN,
};

/* Notes a comma-separated list of names; false when one is too long or there are too many. */
bool symbols_want(char *names, enum use use);
/* Looks all of them up; false with errno when the kernel has no kallsyms. */
bool symbols_resolve(void);
int symbols_count(void);
struct wanted *symbols_get(int index);
/* One fact for each name that was asked for as a symbol. */
void symbols_report(void);

#endif
