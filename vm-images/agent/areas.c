#include "areas.h"

#include <errno.h>
#include <string.h>

#include "disk.h"
#include "limits.h"

static struct area {
	char name[NAME_BYTES];
	unsigned disk;
	int flags;
	/* -1 while it is off. */
	int type;
} areas[AREAS_MAX];
static int areas_used;

const char *area_make(const char *name, unsigned disk, unsigned long long kilobytes, int flags)
{
	errno = 0;
	if (areas_used == AREAS_MAX || strlen(name) >= NAME_BYTES || area_find(name) >= 0)
		return "the area's name is taken or too long, or there are too many";
	const char *problem = disk_make_area(disk, kilobytes);

	if (problem != NULL)
		return problem;
	areas[areas_used] = (struct area){ .disk = disk, .flags = flags, .type = -1 };
	strcpy(areas[areas_used++].name, name);
	return NULL;
}

int area_find(const char *name)
{
	for (int i = 0; i < areas_used; i++)
		if (strcmp(areas[i].name, name) == 0)
			return i;
	return -1;
}

int area_at(const char *path)
{
	for (int i = 0; i < areas_used; i++)
		if (areas[i].type >= 0 && strcmp(area_path(i), path) == 0)
			return i;
	return -1;
}

const char *area_name(int area)
{
	return areas[area].name;
}

const char *area_path(int area)
{
	return disk_path(areas[area].disk);
}

int area_flags(int area)
{
	return areas[area].flags;
}

int area_type(int area)
{
	return areas[area].type;
}

static bool type_is_taken(int type)
{
	for (int i = 0; i < areas_used; i++)
		if (areas[i].type == type)
			return true;
	return false;
}

/* /proc/swaps does not say types: it lists areas in their order. The kernel gives out the lowest that is free. */
void area_switched(int area, bool on)
{
	int type = 0;

	areas[area].type = -1;
	if (!on)
		return;
	while (type_is_taken(type))
		type++;
	areas[area].type = type;
}
