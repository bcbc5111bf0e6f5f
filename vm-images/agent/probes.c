#include "probes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "facts.h"
#include "files.h"
#include "symbols.h"
#include "wire.h"

#define TRACING "/sys/kernel/tracing/"
#define GROUP "swaplab"
/* Ends the name of the event that collects a function's return values. */
#define RETURN_SUFFIX "__return"

static int events_file = -1, profile_file = -1;
static struct histogram {
	/* The function's place among the wanted names. */
	int index;
	int file;
} histograms[WANTED_MAX];
static int histogram_count;
/* Hits not counted that were already reported, by the function's place among the wanted names. */
static unsigned long long missed_before[WANTED_MAX], missed_return_before[WANTED_MAX], dropped_before[WANTED_MAX];
/* Room for a histogram and for the profile of every probe. */
static char text[1 << 16];

/* Creates and enables one event; 0 or an error number. */
static int add_event(const char *definition, const char *event, const char *trigger)
{
	char path[2 * SYMBOL_BYTES];

	if (write(events_file, definition, strlen(definition)) < 0)
		return errno;
	if (trigger != NULL) {
		snprintf(path, sizeof(path), TRACING "events/" GROUP "/%s/trigger", event);
		if (!file_write(path, trigger))
			return errno;
	}
	snprintf(path, sizeof(path), TRACING "events/" GROUP "/%s/enable", event);
	return file_write(path, "1") ? 0 : errno;
}

/* Says how a probe went; problem is NULL or why there is none. */
static void report_probe(const char *kind, const struct wanted *function, const char *problem)
{
	struct message message;

	fact_begin(&message, kind, function->name);
	message_text(&message, "symbol", function->symbol);
	message_text(&message, "status", function->function_count == 0 ? "absent" : problem != NULL ? "refused" : "ok");
	message_text(&message, "detail", problem == NULL ? "" : problem);
	wire_send(&message);
}

/* NULL when the name stands for exactly one function. */
static const char *not_one_function(const struct wanted *function)
{
	static char several[64];

	if (function->function_count <= 1)
		return function->function_count == 0 ? "" : NULL;
	snprintf(several, sizeof(several), "the name stands for %d functions", function->function_count);
	return several;
}

/* By address, because before 6.2 the kernel walks all its symbols for every name it is given. */
static const char *install_entry(const struct wanted *function)
{
	char definition[2 * SYMBOL_BYTES];

	snprintf(definition, sizeof(definition), "p:" GROUP "/%s 0x%llx\n", function->name, function->address);
	int error = add_event(definition, function->name, NULL);

	return error == 0 ? NULL : error_name(error);
}

/* By name: the kernel takes no address for these. */
static const char *install_return(int index)
{
	const struct wanted *function = symbols_get(index);

	char definition[3 * SYMBOL_BYTES], event[SYMBOL_BYTES + sizeof(RETURN_SUFFIX)], path[2 * SYMBOL_BYTES],
		trigger[48];

	snprintf(event, sizeof(event), "%s" RETURN_SUFFIX, function->name);
	snprintf(definition, sizeof(definition), "r:" GROUP "/%s %s value=$retval:s32\n", event, function->symbol);
	snprintf(trigger, sizeof(trigger), "hist:keys=value:size=%d", RETURN_VALUES_MAX);
	int error = add_event(definition, event, trigger);

	if (error != 0)
		return error_name(error);
	snprintf(path, sizeof(path), TRACING "events/" GROUP "/%s/hist", event);
	int file = open(path, O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return error_name(errno);
	histograms[histogram_count].index = index;
	histograms[histogram_count++].file = file;
	return NULL;
}

static void install(int index)
{
	const struct wanted *function = symbols_get(index);
	const char *problem = not_one_function(function);

	if (function->as_probe)
		report_probe("probe", function, problem != NULL ? problem : install_entry(function));
	if (function->as_return)
		report_probe("return", function, problem != NULL ? problem : install_return(index));
}

void probes_install(void)
{
	events_file = open(TRACING "kprobe_events", O_WRONLY | O_APPEND | O_CLOEXEC);
	if (events_file < 0) {
		fact_lack("CONFIG_KPROBE_EVENTS", error_name(errno));
		return;
	}
	/* Counts and histograms do not need the event log; without it a hit is cheap and no buffer grows. */
	file_write(TRACING "tracing_on", "0");
	file_write(TRACING "buffer_size_kb", "4");
	for (int i = 0; i < symbols_count(); i++) {
		install(i);
		wire_alive(0);
	}
	close(events_file);
	profile_file = open(TRACING "kprobe_profile", O_RDONLY | O_CLOEXEC);
}

/* A count that is too low by so many is worse than none: it is always said. */
static void report_missed(int index, const char *of, unsigned long long missed, unsigned long long *before)
{
	struct message message;

	if (missed == *before)
		return;
	*before = missed;
	fact_begin(&message, "missed", symbols_get(index)->name);
	message_text(&message, "of", of);
	message_number(&message, "count", missed);
	wire_send(&message);
}

/* Place of an event's function among the wanted names; -1 for an event that is not ours. */
static int find_function(const char *event, bool *is_return)
{
	size_t length = strlen(event), suffix = sizeof(RETURN_SUFFIX) - 1;

	*is_return = length > suffix && strcmp(event + length - suffix, RETURN_SUFFIX) == 0;
	if (*is_return)
		length -= suffix;
	for (int i = 0; i < symbols_count(); i++)
		if (strncmp(symbols_get(i)->name, event, length) == 0 && symbols_get(i)->name[length] == '\0')
			return i;
	return -1;
}

/* Lines of "event hits misses". */
static void report_calls(void)
{
	char *cursor = text;
	struct message message;

	if (file_reread(profile_file, text, sizeof(text)) < 0)
		return;
	message_begin(&message, "calls");
	message_series(&message);
	for (char *line; (line = next_line(&cursor)) != NULL;) {
		char event[SYMBOL_BYTES + sizeof(RETURN_SUFFIX)];
		unsigned long long hits, missed;
		bool is_return;
		int index;

		if (sscanf(line, " %135s %llu %llu", event, &hits, &missed) != 3 ||
		    (index = find_function(event, &is_return)) < 0)
			continue;
		if (is_return)
			report_missed(index, "returns", missed, &missed_return_before[index]);
		else
			report_missed(index, "calls", missed, &missed_before[index]);
		if (!is_return)
			message_number(&message, symbols_get(index)->name, hits);
	}
	if (!message_series_empty(&message))
		wire_send(&message);
}

/*
 * The histogram keeps signed keys in 64 bits and prints them as unsigned: the low half is the value.
 */
static void report_return(const char *name, const char *key, const char *hits)
{
	struct message message;

	message_begin(&message, "ret");
	message_text(&message, "name", name);
	message_signed(&message, "value", (int)(unsigned int)strtoull(key, NULL, 10));
	message_number(&message, "hits", strtoull(hits, NULL, 10));
	wire_send(&message);
}

/* Lines of "{ value: 18446744073709551600 } hitcount: 8" among headings and totals. */
static void report_histogram(const struct histogram *histogram)
{
	static const char key_label[] = "{ value:", hits_label[] = "hitcount:", dropped_label[] = "Dropped:";
	char *cursor = text;

	if (file_reread(histogram->file, text, sizeof(text)) < 0)
		return;
	for (char *line; (line = next_line(&cursor)) != NULL;) {
		char *key = strstr(line, key_label), *hits = strstr(line, hits_label), *dropped = strstr(line, dropped_label);

		if (key != NULL && hits != NULL)
			report_return(symbols_get(histogram->index)->name, key + sizeof(key_label) - 1, hits + sizeof(hits_label) - 1);
		if (dropped != NULL)
			report_missed(histogram->index, "values", strtoull(dropped + sizeof(dropped_label) - 1, NULL, 10),
				      &dropped_before[histogram->index]);
	}
}

void probes_report(void)
{
	if (profile_file < 0)
		return;
	report_calls();
	for (int i = 0; i < histogram_count; i++)
		report_histogram(&histograms[i]);
}
