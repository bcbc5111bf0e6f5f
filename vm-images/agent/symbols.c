#include "symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "facts.h"
#include "files.h"
#include "wire.h"

/* Buckets of the lookup by name; a power of two, few collisions at WANTED_MAX names. */
#define BUCKETS 1024

static struct wanted wanted[WANTED_MAX];
static int count;
/* Index + 1 of the first name of a bucket, and of the next one of the same bucket. */
static short bucket_first[BUCKETS], bucket_next[WANTED_MAX];

/* Hash of a name up to its first dot, where a compiler's suffix begins. */
static unsigned int hash_stem(const char *name)
{
	unsigned int hash = 2166136261u;

	for (; *name != '\0' && *name != '.' && *name != '\t'; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return (hash ^ hash >> 16) & (BUCKETS - 1);
}

static struct wanted *want(const char *name)
{
	unsigned int bucket = hash_stem(name);

	for (int i = bucket_first[bucket]; i != 0; i = bucket_next[i - 1])
		if (strcmp(wanted[i - 1].name, name) == 0)
			return &wanted[i - 1];
	if (count == WANTED_MAX || strlen(name) >= SYMBOL_BYTES)
		return NULL;
	strcpy(wanted[count].name, name);
	bucket_next[count] = bucket_first[bucket];
	bucket_first[bucket] = (short)(count + 1);
	return &wanted[count++];
}

bool symbols_want(char *names, enum use use)
{
	for (char *name; (name = next_item(&names, ',')) != NULL;) {
		struct wanted *entry = want(name);

		if (entry == NULL)
			return false;
		entry->as_symbol |= use == USE_SYMBOL;
		entry->as_probe |= use == USE_PROBE;
		entry->as_return |= use == USE_RETURN;
	}
	return true;
}

/* The suffixes of functions whose body is still the function's; a .cold or .part one is only a piece of it. */
static bool same_function(const char *suffix)
{
	return (strncmp(suffix, ".isra.", 6) == 0 || strncmp(suffix, ".constprop.", 11) == 0) &&
	       strstr(suffix, ".cold") == NULL && strstr(suffix, ".part.") == NULL;
}

static void match(struct wanted *entry, const char *symbol, char type, const char *address)
{
	size_t length = strlen(entry->name);

	if (strncmp(symbol, entry->name, length) != 0 || strlen(symbol) >= SYMBOL_BYTES)
		return;
	if (symbol[length] != '\0' && !same_function(symbol + length))
		return;
	entry->function_count += strchr("tTwW", type) != NULL;
	if (symbol[length] != '\0' && entry->symbol[0] != '\0')
		return;
	strcpy(entry->symbol, symbol);
	entry->address = strtoull(address, NULL, 16);
}

/* "<address> <type> <name>", with a tab and "[module]" behind the names of modules. */
static void match_line(char *line)
{
	char *type = strchr(line, ' ');

	if (type == NULL || type[1] == '\0' || type[2] != ' ')
		return;
	char *symbol = type + 3;
	short first = bucket_first[hash_stem(symbol)];

	if (first == 0)
		return;
	*strchrnul(symbol, '\t') = '\0';
	for (int i = first; i != 0; i = bucket_next[i - 1])
		match(&wanted[i - 1], symbol, type[1], line);
}

bool symbols_resolve(void)
{
	static char buffer[1 << 16];
	size_t kept = 0;
	int fd = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	for (ssize_t got; (got = read(fd, buffer + kept, sizeof(buffer) - 1 - kept)) > 0;) {
		size_t length = kept + (size_t)got;
		char *line = buffer, *end;

		while ((end = memchr(line, '\n', (size_t)(buffer + length - line))) != NULL) {
			*end = '\0';
			match_line(line);
			line = end + 1;
		}
		kept = (size_t)(buffer + length - line);
		memmove(buffer, line, kept);
		wire_alive(0);
	}
	close(fd);
	return true;
}

int symbols_count(void)
{
	return count;
}

struct wanted *symbols_get(int index)
{
	return &wanted[index];
}

void symbols_report(void)
{
	for (int i = 0; i < count; i++) {
		struct message message;

		if (!wanted[i].as_symbol)
			continue;
		fact_begin(&message, "symbol", wanted[i].name);
		message_number(&message, "present", wanted[i].symbol[0] != '\0');
		message_number(&message, "address", wanted[i].address);
		wire_send(&message);
	}
}
