/* Text that is put together piece by piece in memory of fixed size, so that it works
 * without allocation when the process is about to end. */
#ifndef WSPCHECK_TEXT_H
#define WSPCHECK_TEXT_H

#include <stdarg.h>
#include <stddef.h>

/* For printf-like functions. On Windows all of them are those of the MinGW runtime,
 * which know the formats of C99. */
#if defined(__MINGW32__)
#define PRINTF_LIKE(string, first) __attribute__((format(gnu_printf, string, first)))
#else
#define PRINTF_LIKE(string, first) __attribute__((format(printf, string, first)))
#endif

/* Always terminated; what does not fit is cut off. */
struct text {
    char *start;
    size_t size;     /* bytes without the terminating NUL */
    size_t capacity; /* bytes with it; at least 1 */
};

/* An empty text in this array. */
#define TEXT_IN(array) \
    { \
        .start = (array), .capacity = sizeof(array) \
    }

void text_add(struct text *text, const char *format, ...) PRINTF_LIKE(2, 3);
void text_add_list(struct text *text, const char *format, va_list arguments);
void text_add_byte(struct text *text, char byte);

#endif
