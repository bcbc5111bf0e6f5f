#include "facts.h"

#include <string.h>

#include "wire.h"

void fact_begin(struct message *message, const char *kind, const char *name)
{
	message_begin(message, "fact");
	message_text(message, "kind", kind);
	message_text(message, "name", name);
}

void fact_status(const char *kind, const char *name, const char *status, const char *detail)
{
	struct message message;

	fact_begin(&message, kind, name);
	message_text(&message, "status", status);
	message_text(&message, "detail", detail);
	wire_send(&message);
}

void fact_lack(const char *what, const char *detail)
{
	struct message message;

	message_begin(&message, "fact");
	message_text(&message, "kind", "lack");
	message_text(&message, "what", what);
	message_text(&message, "detail", detail);
	wire_send(&message);
}

const char *error_name(int error)
{
	const char *name = strerrorname_np(error);

	return name == NULL ? "EUNKNOWN" : name;
}
