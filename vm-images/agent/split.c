#include "split.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mount.h>

#include "files.h"

#define DEBUGFS "/sys/kernel/debug"

const char *split_range(pid_t pid, uint64_t start, uint64_t bytes)
{
	char request[80];

	if (mount("debugfs", DEBUGFS, "debugfs", 0, NULL) < 0 && errno != EBUSY)
		return "this kernel has no debugfs (CONFIG_DEBUG_FS), through which folios are split";
	snprintf(request, sizeof(request), "%d,0x%llx,0x%llx", (int)pid, (unsigned long long)start, (unsigned long long)(start + bytes));
	if (!file_write(DEBUGFS "/split_huge_pages", request))
		return errno == ENOENT ? "this kernel has no split_huge_pages in debugfs" : "split_huge_pages refused the range";
	return NULL;
}
