@echo off
rem Runs Keralens on Windows, from any folder, with the jar that is there: app\target\keralens.jar, or keralens.jar beside this file.
rem
rem   JAVA_HOME           the JDK to use; without it, the java that is found first
rem   KERALENS_JAVA_OPTS  more options for the Java virtual machine, such as -Xmx8g
rem   KERALENS_ORT_JAR    another jar of ONNX Runtime, such as onnxruntime_gpu's, in the place of the one that is built in
setlocal enableextensions disabledelayedexpansion

set "jar=%~dp0app\target\keralens.jar"
if not exist "%jar%" set "jar=%~dp0keralens.jar"
if not exist "%jar%" (
  >&2 echo keralens: there is no %~dp0app\target\keralens.jar. Build it: mvn -Dmaven.test.skip=true -pl app -am package
  exit /b 1
)

set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
if defined JAVA_HOME if not exist "%java%.exe" (
  >&2 echo keralens: JAVA_HOME is '%JAVA_HOME%', but there is no bin\java.exe. Point it to a JDK 17 or newer.
  exit /b 1
)
if not defined JAVA_HOME (
  where java >nul 2>nul || (
    >&2 echo keralens: Java is missing. Install a JDK 17 or newer, or set JAVA_HOME to one.
    exit /b 1
  )
)

rem protobuf's use of Unsafe is known, and Java warns of it in four lines; older ones do not know the option.
set "unsafe="
"%java%" --sun-misc-unsafe-memory-access=allow -version >nul 2>nul && set "unsafe=--sun-misc-unsafe-memory-access=allow"

set "classpath=%jar%"
if defined KERALENS_ORT_JAR (
  if not exist "%KERALENS_ORT_JAR%" (
    >&2 echo keralens: KERALENS_ORT_JAR is '%KERALENS_ORT_JAR%', and there is no such file.
    exit /b 1
  )
  set "classpath=%KERALENS_ORT_JAR%;%jar%"
)

"%java%" %unsafe% -Xshare:auto -XX:+UseSerialGC -XX:-UsePerfData -Djava.awt.headless=true -Dfile.encoding=UTF-8 %KERALENS_JAVA_OPTS% -cp "%classpath%" dev.keralens.app.Main %*
exit /b %errorlevel%
