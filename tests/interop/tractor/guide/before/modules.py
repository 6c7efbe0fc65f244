MODULES = ['depot']
