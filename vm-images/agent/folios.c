#include "folios.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "facts.h"
#include "files.h"
#include "wire.h"

#define THP "/sys/kernel/mm/transparent_hugepage/"

struct folio_size {
	unsigned long long kilobytes;
	/* Shared memory alone has folios of two pages. */
	bool for_private;
	int stat_count;
	struct {
		char name[40];
		int file;
	} stats[FOLIO_STATS_MAX];
};

static struct folio_size sizes[FOLIO_SIZES_MAX];
static int size_count;
/* Since 6.8 each size has a switch of its own; before, there is one switch and one size. */
static bool per_size;

static void open_stats(struct folio_size *size)
{
	char path[512];

	snprintf(path, sizeof(path), THP "hugepages-%llukB/stats", size->kilobytes);
	DIR *directory = opendir(path);

	if (directory == NULL)
		return;
	for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
		if (entry->d_name[0] == '.' || size->stat_count == FOLIO_STATS_MAX ||
		    strlen(entry->d_name) >= sizeof(size->stats[0].name))
			continue;
		snprintf(path, sizeof(path), THP "hugepages-%llukB/stats/%s", size->kilobytes, entry->d_name);
		strcpy(size->stats[size->stat_count].name, entry->d_name);
		size->stats[size->stat_count++].file = open(path, O_RDONLY | O_CLOEXEC);
	}
	closedir(directory);
}

static void report_size(const struct folio_size *size)
{
	struct message message;

	message_begin(&message, "fact");
	message_text(&message, "kind", "folio");
	message_number(&message, "kb", size->kilobytes);
	wire_send(&message);
}

static int ascending(const void *left, const void *right)
{
	const struct folio_size *a = left, *b = right;

	return a->kilobytes < b->kilobytes ? -1 : a->kilobytes > b->kilobytes;
}

static bool has_switch(const char *size, const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), THP "%s/%s", size, name);
	return access(path, W_OK) == 0;
}

static void find_sizes(DIR *directory)
{
	for (struct dirent *entry; (entry = readdir(directory)) != NULL && size_count < FOLIO_SIZES_MAX;) {
		struct folio_size *size = &sizes[size_count];

		if (sscanf(entry->d_name, "hugepages-%llukB", &size->kilobytes) != 1)
			continue;
		size->for_private = has_switch(entry->d_name, "enabled");
		if (size->for_private || has_switch(entry->d_name, "shmem_enabled"))
			size_count++;
	}
	per_size = size_count > 0;
	qsort(sizes, (size_t)size_count, sizeof(sizes[0]), ascending);
}

/*
 * khugepaged would merge small folios behind the workload's back. It scans once whenever it is started or its
 * settings change, and then sleeps: so it is told to sleep longer than any guest lives, to look at as little
 * as it can, and to leave alone what is not all there. With that last setting newer kernels would take a folio
 * with a page of zeroes for one that is hardly used, and split it when they reclaim: they are told not to.
 */
static void calm_khugepaged(void)
{
	static const char *const settings[][2] = {
		{ THP "khugepaged/scan_sleep_millisecs", "4294967295" },
		{ THP "khugepaged/alloc_sleep_millisecs", "4294967295" },
		{ THP "khugepaged/pages_to_scan", "1" },
		{ THP "khugepaged/max_ptes_none", "0" },
		{ THP "khugepaged/max_ptes_swap", "0" },
		{ THP "khugepaged/max_ptes_shared", "0" },
		{ THP "khugepaged/defrag", "0" },
	};

	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (!file_write(settings[i][0], settings[i][1]))
			fact_lack(settings[i][0], error_name(errno));
	if (access(THP "shrink_underused", F_OK) == 0 && !file_write(THP "shrink_underused", "0"))
		fact_lack(THP "shrink_underused", error_name(errno));
}

static bool listed(const char *kilobytes, unsigned long long size)
{
	while (*kilobytes != '\0') {
		char *end;

		if (strtoull(kilobytes, &end, 10) == size && (*end == ',' || *end == '\0'))
			return true;
		kilobytes = strchrnul(kilobytes, ',');
		kilobytes += *kilobytes == ',';
	}
	return false;
}

static bool known(char *kilobytes)
{
	for (char *item; (item = next_item(&kilobytes, ',')) != NULL;) {
		bool found = false;

		for (int i = 0; i < size_count; i++)
			found |= listed(item, sizes[i].kilobytes);
		if (!found)
			return false;
	}
	return true;
}

static bool set_sizes(const char *kilobytes, const char *on)
{
	char path[128];

	if (!per_size)
		return file_write(THP "enabled", listed(kilobytes, sizes[0].kilobytes) ? on : "never");
	for (int i = 0; i < size_count; i++) {
		if (!sizes[i].for_private)
			continue;
		snprintf(path, sizeof(path), THP "hugepages-%llukB/enabled", sizes[i].kilobytes);
		if (!file_write(path, listed(kilobytes, sizes[i].kilobytes) ? on : "never"))
			return false;
	}
	return file_write(THP "enabled", "madvise");
}

/*
 * Since 6.11 each size has a switch for shared memory too; before, there is one, for the largest size. Memory that asks for it
 * gets folios of the sizes listed, if any are.
 */
static const char *set_shared_sizes(const char *kilobytes)
{
	static char problem[96];
	char path[128];
	unsigned long long global = 0;

	snprintf(path, sizeof(path), THP "hugepages-%llukB/shmem_enabled", sizes[size_count - 1].kilobytes);
	if (access(path, F_OK) < 0)
		global = sizes[size_count - 1].kilobytes;
	/* Absent without CONFIG_SHMEM: shared regions then have base pages anyway. */
	if (!file_write(THP "shmem_enabled", global != 0 && listed(kilobytes, global) ? "advise" : "never") && kilobytes[0] != '\0')
		return "this kernel has no transparent_hugepage/shmem_enabled (CONFIG_SHMEM)";
	for (int i = 0; i < size_count; i++) {
		bool wanted = listed(kilobytes, sizes[i].kilobytes);

		snprintf(path, sizeof(path), THP "hugepages-%llukB/shmem_enabled", sizes[i].kilobytes);
		if (file_write(path, wanted ? "advise" : "never") || !wanted || sizes[i].kilobytes == global)
			continue;
		snprintf(problem, sizeof(problem), "this kernel has no hugepages-%llukB/shmem_enabled", sizes[i].kilobytes);
		return problem;
	}
	return NULL;
}

/*
 * Switching the PMD size on starts khugepaged, and it then looks at one PMD's worth of the process that is first
 * on its list. That process shall be PID 1 with an empty mapping so long that khugepaged never gets to its end.
 */
static void lay_decoy(void)
{
	size_t bytes = (size_t)DECOY_GIB << 30;
	char *decoy = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	char largest[24];

	if (decoy == MAP_FAILED || size_count == 0)
		return;
	snprintf(largest, sizeof(largest), "%llu", sizes[size_count - 1].kilobytes);
	/* A mapping without any page does not count; this one is too little to be merged. */
	madvise(decoy, bytes, MADV_NOHUGEPAGE);
	*decoy = 1;
	madvise(decoy, bytes, MADV_DONTFORK);
	set_sizes(largest, "madvise");
	madvise(decoy, bytes, MADV_HUGEPAGE);
	set_sizes("", "madvise");
}

void folios_prepare(void)
{
	char text[32];
	DIR *directory = opendir(THP);

	if (directory == NULL) {
		fact_lack("CONFIG_TRANSPARENT_HUGEPAGE", error_name(errno));
		return;
	}
	find_sizes(directory);
	closedir(directory);
	calm_khugepaged();
	if (!per_size && file_read(THP "hpage_pmd_size", text, sizeof(text)) > 0)
		sizes[size_count++] = (struct folio_size){ .kilobytes = strtoull(text, NULL, 10) / 1024, .for_private = true };
	for (int i = 0; i < size_count; i++) {
		open_stats(&sizes[i]);
		if (sizes[i].for_private)
			report_size(&sizes[i]);
	}
	lay_decoy();
}

const char *folios_policy(char *kilobytes, const char *who)
{
	char list[WIRE_PAYLOAD_MAX];

	if (size_count == 0)
		return kilobytes[0] == '\0' ? NULL : "this kernel has no transparent huge pages";
	strcpy(list, kilobytes);
	if (!known(list))
		return "this kernel lacks a folio size that was asked for";
	/* A fault in a region that asked for large folios may compact memory to get one. */
	if (!file_write(THP "defrag", "madvise"))
		return "transparent_hugepage/defrag could not be set";
	bool shared = strcmp(who, "shared") == 0;

	if (!set_sizes(shared ? "" : kilobytes, strcmp(who, "always") == 0 ? "always" : "madvise"))
		return "the folio sizes could not be set";
	return set_shared_sizes(shared ? kilobytes : "");
}

void folios_report(void)
{
	char text[32];

	for (int i = 0; i < size_count; i++) {
		struct message message;

		if (sizes[i].stat_count == 0)
			continue;
		message_begin(&message, "folio");
		message_number(&message, "kb", sizes[i].kilobytes);
		message_series(&message);
		for (int stat = 0; stat < sizes[i].stat_count; stat++)
			if (file_reread(sizes[i].stats[stat].file, text, sizeof(text)) > 0)
				message_number(&message, sizes[i].stats[stat].name, strtoull(text, NULL, 10));
		wire_send(&message);
	}
}
