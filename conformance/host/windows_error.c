#include "windows_error.h"

#include <string.h>

void windows_error_add(struct text *out, DWORD error, const wchar_t *subject)
{
    DWORD_PTR inserts[] = {(DWORD_PTR)subject};
    wchar_t message[256] = L"";
    char utf8[512] = "";
    DWORD length =
        FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_ARGUMENT_ARRAY |
                           FORMAT_MESSAGE_MAX_WIDTH_MASK,
                       NULL,
                       error,
                       0,
                       message,
                       sizeof message / sizeof message[0],
                       (va_list *)inserts);

    while (length && (message[length - 1] == L' ' || message[length - 1] == L'.'))
        message[--length] = L'\0';
    WideCharToMultiByte(CP_UTF8, 0, message, -1, utf8, sizeof utf8, NULL, NULL);
    text_add(out, "%s (Windows error %lu)", *utf8 ? utf8 : "unknown error", error);
}
