/* Octets as text, the way a dump shows them, for tests and seeds. */
#ifndef ISOTP_HEX_H
#define ISOTP_HEX_H

#include "octets.h"

/* Writes what `text` says: pairs of hexadecimal digits, blanks as you like, "41*33" for
 * octet 41 thirty-three times and "text" in quotes for its characters. The writer fails
 * if that is nonsense or does not fit. */
void hex_write(struct octet_writer *writer, const char *text);

/* The octets of `text`, in one of a few static buffers of 256 KiB that take turns. */
struct octets hex(const char *text);

#endif
