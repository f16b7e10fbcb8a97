module gpu-serving/local/tools/pause

go 1.21
