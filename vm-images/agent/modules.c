#include "modules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "facts.h"
#include "files.h"
#include "wire.h"

#define STRING(text) #text
#define NUMBER(macro) STRING(macro)

/* RAM disks for every swap area there can be, each larger than any; their pages are only allocated when they are written. */
static const char *parameters(const char *name)
{
	if (strcmp(name, "brd") == 0)
		return "rd_nr=" NUMBER(AREAS_MAX) " rd_size=1048576";
	return strcmp(name, "zram") == 0 ? "num_devices=" NUMBER(AREAS_MAX) : "";
}

static void load(const char *name)
{
	char path[SYMBOL_BYTES + 32];

	snprintf(path, sizeof(path), "/lib/modules/%s.ko", name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		fact_status("module", name, "missing", error_name(errno));
		return;
	}
	long failed = syscall(SYS_finit_module, fd, parameters(name), 0);
	int error = errno;

	close(fd);
	/* EEXIST: it is built in. */
	if (failed == 0 || error == EEXIST)
		fact_status("module", name, "ok", "");
	else
		fact_status("module", name, "failed", error_name(error));
}

void modules_load(char *names)
{
	for (char *name; (name = next_item(&names, ',')) != NULL;) {
		load(name);
		wire_alive(0);
	}
}
