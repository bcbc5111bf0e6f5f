#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "areas.h"
#include "facts.h"
#include "files.h"
#include "folios.h"
#include "placement.h"
#include "probes.h"
#include "wire.h"

static int vmstat_file = -1, refresh_file = -1, swaps_file = -1;
static char text[1 << 16];

static int open_or_lack(const char *path, int flags, const char *lack)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		fact_lack(lack, path);
	return fd;
}

void report_prepare(void)
{
	vmstat_file = open_or_lack("/proc/vmstat", O_RDONLY, "CONFIG_PROC_FS");
	refresh_file = open_or_lack("/proc/sys/vm/stat_refresh", O_WRONLY, "CONFIG_SMP");
	swaps_file = open_or_lack("/proc/swaps", O_RDONLY, "CONFIG_SWAP");
	if (access("/proc/self/pagemap", R_OK) < 0)
		fact_lack("CONFIG_PROC_PAGE_MONITOR", "/proc/self/pagemap");
}

static void read_vmstat(void)
{
	/*
	 * Folds what each CPU has not yet added to the gauges. The kernel refuses when a gauge is
	 * negative for a moment; they are folded all the same.
	 */
	if (pwrite(refresh_file, "1", 1, 0) < 0 && errno != EINVAL)
		fact_lack("/proc/sys/vm/stat_refresh", error_name(errno));
	if (file_reread(vmstat_file, text, sizeof(text)) < 0)
		text[0] = '\0';
}

static bool wanted_vmstat(const char *name)
{
	static const char *const beginnings[] = { "pswp", "zswp", "swap_", "swp", "thp_swpout", "thp_fault_fallback", "thp_file_", "thp_split" };

	for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (strncmp(name, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return strcmp(name, "nr_swapcached") == 0 || strcmp(name, "nr_writeback") == 0;
}

static void report_vmstat(void)
{
	char *cursor = text;
	struct message message;

	read_vmstat();
	message_begin(&message, "vm");
	message_series(&message);
	for (char *line; (line = next_line(&cursor)) != NULL;) {
		char *value = strchr(line, ' ');

		if (value == NULL)
			continue;
		*value++ = '\0';
		if (wanted_vmstat(line))
			message_text(&message, line, value);
	}
	wire_send(&message);
}

static unsigned long long under_writeback(void)
{
	static const char gauge[] = "\nnr_writeback ";

	read_vmstat();
	const char *found = strstr(text, gauge);

	return found == NULL ? 0 : strtoull(found + sizeof(gauge) - 1, NULL, 10);
}

bool report_wait_writeback(void)
{
	long long deadline = now_ms() + WRITEBACK_DEADLINE_MS;

	while (under_writeback() > 0) {
		if (now_ms() > deadline)
			return false;
		sleep_ms(1);
		wire_alive(0);
	}
	return true;
}

/* A heading, then a line for each active area: path, kind, size, use, priority. */
static void report_swaps(void)
{
	char *cursor = text;

	if (swaps_file < 0 || file_reread(swaps_file, text, sizeof(text)) < 0)
		return;
	next_line(&cursor);
	for (char *line; (line = next_line(&cursor)) != NULL;) {
		char path[128];
		unsigned long long size, used;
		int priority;
		struct message message;

		if (sscanf(line, "%127s %*s %llu %llu %d", path, &size, &used, &priority) != 4)
			continue;
		int area = area_at(path);

		message_begin(&message, "swaps");
		message_text(&message, "area", area < 0 ? "" : area_name(area));
		message_signed(&message, "type", area < 0 ? -1 : area_type(area));
		message_text(&message, "path", path);
		message_number(&message, "sizekb", size);
		message_number(&message, "usedkb", used);
		message_signed(&message, "prio", priority);
		wire_send(&message);
	}
}

void report_send(void)
{
	report_vmstat();
	folios_report();
	report_swaps();
	probes_report();
	placement_report();
}
