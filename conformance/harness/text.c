#include "text.h"

#include <stdio.h>

void text_add_list(struct text *text, const char *format, va_list arguments)
{
    size_t room = text->capacity - text->size;
    int length = vsnprintf(text->start + text->size, room, format, arguments);

    if (length > 0)
        text->size += (size_t)length < room ? (size_t)length : room - 1;
}

void text_add(struct text *text, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    text_add_list(text, format, arguments);
    va_end(arguments);
}

void text_add_byte(struct text *text, char byte)
{
    if (text->size + 1 >= text->capacity)
        return;
    text->start[text->size++] = byte;
    text->start[text->size] = '\0';
}
