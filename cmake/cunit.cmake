# Target `cunit`. Natively it is the system's library; for Windows, for which Debian has
# none, it is built from CUNIT_SOURCE_DIR, the unpacked source package of Debian. On
# Windows itself, leave that empty and let the library be found: the static one, since
# wspcheck.exe shall run outside of the shell that has the DLL in its path.
set(CUNIT_SOURCE_DIR
    ""
    CACHE PATH "Unpacked source of CUnit; empty: use an installed library")

if(NOT CUNIT_SOURCE_DIR)
    if(WIN32)
        find_library(CUNIT_LIBRARY NAMES libcunit.a cunit REQUIRED)
    else()
        find_library(CUNIT_LIBRARY cunit REQUIRED)
    endif()
    find_path(CUNIT_INCLUDE_DIR CUnit/CUnit.h REQUIRED)
    add_library(cunit INTERFACE)
    target_link_libraries(cunit INTERFACE ${CUNIT_LIBRARY})
    target_include_directories(cunit SYSTEM INTERFACE ${CUNIT_INCLUDE_DIR})
    return()
endif()

set(cunit_headers ${CMAKE_BINARY_DIR}/cunit/include/CUnit)
file(COPY ${CUNIT_SOURCE_DIR}/CUnit/Headers/ DESTINATION ${cunit_headers})

set(cunit_sources ${CUNIT_SOURCE_DIR}/CUnit/Sources)
add_library(
    cunit STATIC
    ${cunit_sources}/Framework/CUError.c
    ${cunit_sources}/Framework/MyMem.c
    ${cunit_sources}/Framework/TestDB.c
    ${cunit_sources}/Framework/TestRun.c
    ${cunit_sources}/Framework/Util.c
    ${cunit_sources}/Basic/Basic.c
    ${cunit_sources}/Automated/Automated.c)
target_compile_definitions(cunit PRIVATE VERSION="2.1-3")
# Not our code: its warnings are not our errors.
target_compile_options(cunit PRIVATE -w)
target_include_directories(cunit PRIVATE ${cunit_headers})
target_include_directories(cunit SYSTEM INTERFACE ${CMAKE_BINARY_DIR}/cunit/include)
