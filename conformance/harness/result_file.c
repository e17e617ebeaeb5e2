#include "result_file.h"

#include "belongings.h"

#include <string.h>

static HANDLE file = INVALID_HANDLE_VALUE;
static const wchar_t *file_path;
static BY_HANDLE_FILE_INFORMATION identity;
static const char *nonces;

/* Nobody else may write to it, empty or delete it, and we can only append. A provider
 * that closes handles which are not its own shall not silence us. */
static void open_file(void)
{
    file = CreateFileW(file_path,
                       FILE_APPEND_DATA | FILE_READ_ATTRIBUTES,
                       FILE_SHARE_READ,
                       NULL,
                       OPEN_ALWAYS,
                       FILE_ATTRIBUTE_NORMAL,
                       NULL);
    SetHandleInformation(
        file, HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE);
}

static bool is_file(HANDLE handle)
{
    BY_HANDLE_FILE_INFORMATION now;

    return GetFileInformationByHandle(handle, &now) &&
           now.dwVolumeSerialNumber == identity.dwVolumeSerialNumber &&
           now.nFileIndexHigh == identity.nFileIndexHigh &&
           now.nFileIndexLow == identity.nFileIndexLow;
}

bool result_file_open(const wchar_t *path, const char *given)
{
    nonces = given;
    file_path = path;
    open_file();
    if (file == INVALID_HANDLE_VALUE || !GetFileInformationByHandle(file, &identity))
        return false;
    belongings_add_handle(file, "the file of results");
    return true;
}

HANDLE result_file(void)
{
    if (!is_file(file))
        open_file();
    return file;
}

bool result_file_nonce(char nonce[RESULT_NONCE])
{
    size_t size = nonces ? strcspn(nonces, "\r\n") : 0;

    if (!size || size >= RESULT_NONCE)
        return false;
    memcpy(nonce, nonces, size);
    nonce[size] = '\0';
    nonces += size + strspn(nonces + size, "\r\n");
    return true;
}
