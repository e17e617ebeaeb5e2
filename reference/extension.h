/* The functions that WSPIoctl(SIO_GET_EXTENSION_FUNCTION_POINTER) gives. */
#ifndef WSPREF_EXTENSION_H
#define WSPREF_EXTENSION_H

#include "endpoint.h"

/* The function or table of this id for such an endpoint; NULL: none. */
const void *extension_find(const struct endpoint *endpoint, const GUID *id);

#endif
